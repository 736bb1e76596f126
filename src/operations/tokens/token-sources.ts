import { findObjects } from '../../store/objects/find-objects.js';
import type { Call } from '../call.js';
import type { KnownCollection } from '../collection-named.js';
import { checkAllFound } from '../objects/object-ids.js';
import { type OpenObject, openObject } from '../objects/open-object.js';
import { expirationOfNewObject } from '../objects/owners.js';
import { type PreparedObject, prepareObject } from '../objects/prepare-object.js';
import { checkTenants } from '../tenancy.js';
import type { Vault } from '../vault.js';
import type { TokenizeRequest } from './tokenize-request.js';

/** What a request's token is made of: an object that exists, one that will be added with it, or neither: bare fields. */
export interface TokenSource {
  readonly object: OpenObject | null;
  readonly added: PreparedObject | null;
}

/** Loads the objects of all requests in one statement. Throws PV3005 for those that do not exist and PV9009 for other tenants'. */
export async function loadSources(
  call: Call<'tokenize'>,
  vault: Vault,
  collection: KnownCollection,
  requests: readonly TokenizeRequest[],
): Promise<TokenSource[]> {
  const ids = [...new Set(requests.flatMap(({ input }) => (input.kind === 'object' ? [input.id] : [])))];
  const rows = ids.length > 0 ? await findObjects(vault.database, collection.id, ids, 'active') : [];
  checkAllFound(ids, rows);
  checkTenants(call, rows);

  const objects = new Map<string, OpenObject>();
  for (const row of rows) objects.set(row.id, await openObject(vault, row));
  return Promise.all(
    requests.map(async ({ input }) => ({
      object: input.kind === 'object' ? objects.get(input.id)! : null,
      added:
        input.kind === 'fields' && input.store
          ? await prepareObject(
              call,
              vault,
              collection,
              input.read,
              expirationOfNewObject(call, vault, input.read, undefined),
            )
          : null,
    })),
  );
}

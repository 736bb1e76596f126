import type { ObjectKey } from '../../crypto/index.js';
import { findObjects } from '../../store/objects/find-objects.js';
import type { Call } from '../call.js';
import type { KnownCollection } from '../collection-named.js';
import { checkAllFound } from '../objects/object-ids.js';
import { type OpenObject, openFieldText, openObject } from '../objects/open-object.js';
import { expirationOfNewObjects } from '../objects/owners.js';
import { type PreparedObject, prepareObject } from '../objects/prepare-object.js';
import type { FieldText, ReadFields } from '../objects/read-fields.js';
import { checkTenants } from '../tenancy.js';
import type { Vault } from '../vault.js';
import type { Input } from './read-input.js';
import type { Texts } from './token-identity.js';

/** Whom a token belongs to. */
export interface TokenOwner {
  readonly id: string;
  readonly tenant: string;
  readonly key: ObjectKey;
}

/** What an item of a request takes its values from, looked up. */
export interface TokenSource {
  /** An object that exists or is added with the token; null for bare fields. */
  readonly owner: TokenOwner | null;
  /** The object that this very item adds. */
  readonly added: PreparedObject | null;
  /** The tenant that bare fields name. */
  readonly tenant: string | undefined;
  /** The value of a property, or null where there is none. */
  textOf(property: number): string | null;
}

/** Loads the objects of all inputs in one statement. Throws PV3005 for those that do not exist and PV9009 for other tenants'. */
export async function loadSources(
  call: Call,
  vault: Vault,
  collection: KnownCollection,
  inputs: readonly Input[],
): Promise<TokenSource[]> {
  const ids = [...new Set(inputs.flatMap((input) => (input.kind === 'object' ? [input.id] : [])))];
  const rows = ids.length > 0 ? await findObjects(vault.database, collection.id, ids, 'active') : [];
  checkAllFound(ids, rows);
  checkTenants(call, rows);

  const objects = new Map<string, OpenObject>();
  for (const row of rows) objects.set(row.id, await openObject(vault, row));
  const sources: TokenSource[] = [];
  for (const input of inputs) {
    if (input.kind === 'object') sources.push(sourceOfObject(objects.get(input.id)!));
    else if (input.kind === 'stored-by') sources.push({ ...sources[input.item]!, added: null });
    else {
      const added = input.store ? await addedBy(call, vault, collection, input.read) : null;
      sources.push(sourceOfFields(input.read.fields, input.read.tenant, added));
    }
  }
  return sources;
}

async function addedBy(
  call: Call,
  vault: Vault,
  collection: KnownCollection,
  read: ReadFields,
): Promise<PreparedObject> {
  const expiresAt = expirationOfNewObjects(call, vault, undefined)(read);
  return prepareObject(call, vault, collection, read, expiresAt);
}

/** The values of some properties; those that have none are left out, and so is the built-in `id`. */
export function textsOf(
  collection: KnownCollection,
  properties: readonly string[],
  source: TokenSource,
): Texts {
  const texts = new Map<number, string>();
  for (const name of properties) {
    const property = collection.own.get(name);
    const text = property ? source.textOf(property.id) : null;
    if (text !== null) texts.set(property!.id, text);
  }
  return texts;
}

/** An object's values, as they are in its opened row. */
export function sourceOfObject(object: OpenObject): TokenSource {
  const { id, tenant } = object.row;
  return {
    owner: { id, tenant, key: object.key },
    added: null,
    tenant,
    textOf: (property) => openFieldText(object, property),
  };
}

/** Values that are given, and the object that is added with them, if any. */
export function sourceOfFields(
  fields: readonly FieldText[],
  tenant: string | undefined,
  added: PreparedObject | null,
): TokenSource {
  const texts = new Map(fields.map(({ property, text }) => [property.id, text]));
  return {
    owner: added && { id: added.id, tenant: added.place.tenant, key: added.key },
    added,
    tenant,
    textOf: (property) => texts.get(property) ?? null,
  };
}

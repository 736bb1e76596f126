import type { Revelation } from '../../access-log/entry.js';
import { VaultError } from '../../errors.js';
import { collectionNamed } from '../collection-named.js';
import { expirationOfNew } from '../expiration.js';
import type { Operation } from '../operation.js';
import { permit, refuseHopeless, touchProperties } from '../permit.js';
import { readEncryptionRequests } from './encryption-request.js';
import { chosenProperties, loadSources, objectsOf, openInputs } from './encryption-sources.js';
import { orId } from './or-id.js';
import { sealValues, sealingKeysets } from './seal-values.js';

export const encrypt: Operation<'encrypt'> = {
  id: 'encrypt',

  async run(call, vault) {
    const collection = collectionNamed(call.metadata, call.path.collection);
    if (call.body.length > vault.settings.maxPageSize) throw new VaultError('PV9007', { field: 'body' });
    const requests = readEncryptionRequests(vault, collection, call.body);
    // No default: a moment in it would make equal values differ, which the deterministic type is there to prevent.
    const expiresAt = expirationOfNew(call.query.expiration_secs, call.startedAt, null);
    if (requests.length === 0) {
      await call.record({ collection: collection.name, outcome: 'allowed', rule: 'nothing-asked' });
      return [];
    }

    const objects = objectsOf(requests);
    await refuseHopeless(call, collection, 'encrypt', { objects });
    const opened = await openInputs(call, vault, collection, requests);
    const chosen = requests.map((request) => chosenProperties(collection, request, opened));
    const touched = orId(chosen.flat());
    const facts = {
      collection: collection.name,
      objects,
      asked: touched.map((name): Revelation => [name, null]),
    };
    const { rule } = await permit(call, collection, touchProperties('encrypt', touched), facts);
    const sources = await loadSources(call, vault, collection, requests, opened);
    const keysets = await sealingKeysets(
      vault,
      collection,
      sources.map(({ tenant }) => tenant),
    );

    await call.record({ ...facts, outcome: 'allowed', rule });
    const said = call.query.expiration_secs !== undefined;
    return requests.map((request, i) => {
      const source = sources[i]!;
      const terms = { ...request, expiresAt: said ? expiresAt : source.expiresAt };
      const sealed = sealValues(keysets.get(source.tenant)!, collection, terms, source.values(chosen[i]!));
      return { ciphertext: sealed.toString('base64') };
    });
  },
};

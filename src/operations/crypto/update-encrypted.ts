import type { Revelation } from '../../access-log/entry.js';
import { VaultError } from '../../errors.js';
import { collectionNamed } from '../collection-named.js';
import { expirationOfChanged } from '../expiration.js';
import { lifecycleOf } from '../objects/lifecycle-of.js';
import type { Operation } from '../operation.js';
import { permit, refuseHopeless, touchProperties } from '../permit.js';
import { pick } from './encryption-sources.js';
import { openCiphertexts } from './open-ciphertext.js';
import { orId } from './or-id.js';
import { overlay } from './overlay.js';
import { sealValues, sealingKeysets } from './seal-values.js';
import { readUpdateRequest } from './update-encryption-request.js';

export const updateEncrypted: Operation<'updateEncrypted'> = {
  id: 'updateEncrypted',

  async run(call, vault) {
    const collection = collectionNamed(call.metadata, call.path.collection);
    if (call.body.length > vault.settings.maxPageSize) throw new VaultError('PV9007', { field: 'body' });
    const requests = call.body.map((item, i) => readUpdateRequest(vault, collection, item, i));
    if (requests.length === 0) {
      await call.record({ collection: collection.name, outcome: 'allowed', rule: 'nothing-asked' });
      return [];
    }

    await refuseHopeless(call, collection, 'decrypt');
    await refuseHopeless(call, collection, 'encrypt');
    const given = requests.map((request) => request.given);
    const opened = await openCiphertexts(call, vault, collection, given, lifecycleOf(call.query));
    const updates = requests.map((request, i) => overlay(vault, collection, request, opened[i]!));

    // What is given is touched although `props` may leave it out of the result.
    const touched = orId(updates.flatMap(({ names, changed }) => [...names, ...changed]));
    const facts = {
      collection: collection.name,
      asked: touched.map((name): Revelation => [name, null]),
    };
    const touches = [...touchProperties('decrypt', touched), ...touchProperties('encrypt', touched)];
    const { rule } = await permit(call, collection, touches, facts);
    const keysets = await sealingKeysets(
      vault,
      collection,
      opened.map(({ tenant }) => tenant),
    );

    await call.record({ ...facts, outcome: 'allowed', rule });
    return updates.map(({ type, scope, tags, values, names }, i) => {
      const { tenant, expiresAt: current } = opened[i]!;
      const expiresAt = expirationOfChanged(call.query.expiration_secs, call.startedAt, current);
      const terms = { type, scope, tags, expiresAt };
      const sealed = sealValues(keysets.get(tenant)!, collection, terms, pick(values, names));
      return { ciphertext: sealed.toString('base64') };
    });
  },
};

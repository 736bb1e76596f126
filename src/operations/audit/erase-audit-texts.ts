import { VaultError } from '../../errors.js';
import { onProjection } from '../../access-log/projector.js';
import { type TextSelection, eraseTexts, positionsOfTexts } from '../../store/access-log/texts.js';
import type { BodyOf, Operation } from '../operation.js';

/** Entries whose texts one request erases; its own entry names each of them. */
const MOST_ERASED = 1_000;

export const eraseAuditTexts: Operation<'eraseAuditTexts'> = {
  id: 'eraseAuditTexts',

  async run(call, vault) {
    const selection = selectionOf(call.body);
    const found = await onProjection(vault.database, (size) =>
      positionsOfTexts(vault.database, size, selection, MOST_ERASED + 1),
    );
    const erased = found.slice(0, MOST_ERASED);

    await call.record({
      outcome: 'allowed',
      objects: 'objectId' in selection ? [selection.objectId] : undefined,
      erased,
    });
    await vault.database.commit([eraseTexts(erased)]);
    return { erased, complete: found.length <= MOST_ERASED };
  },
};

function selectionOf({ indexes, object_id: objectId }: BodyOf<'eraseAuditTexts'>): TextSelection {
  if (indexes && objectId === undefined) return { indexes };
  if (!indexes && objectId !== undefined) return { objectId: objectId.toLowerCase() };
  throw new VaultError('PV9006', {
    field: 'indexes',
    reason: 'exactly one of indexes and object_id is needed',
  });
}

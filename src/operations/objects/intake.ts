import { VaultError } from '../../errors.js';
import type { Call } from '../call.js';
import type { KnownCollection } from '../collection-named.js';
import type { Vault } from '../vault.js';
import { type ImportedTimes, takeTimes } from './imported-times.js';
import { type ReadFields, readFields } from './read-fields.js';

/** What a body says of its object: its fields and, in an import, its times. */
export interface Intake extends ReadFields {
  readonly times: ImportedTimes;
}

type WritingCall = Call<'addObject' | 'addObjects' | 'updateObjectById' | 'updateObjects'>;

/** Reads the body of one object; throws what is wrong with it. */
export type TakeIn = (body: Readonly<Record<string, unknown>>, id?: string) => Intake;

/**
 * How the bodies of a write are read: as they are or, with `import`, with the times they state. `id` names the object that
 * a body belongs to. Throws what {@link readFields} throws.
 */
export function intakeOf(call: WritingCall, vault: Vault, collection: KnownCollection): TakeIn {
  if (call.query.export_key) throw new VaultError('PV2001', { field: 'export_key' });
  const limits = vault.settings.types;
  return (body) => {
    const { times, rest } = call.query.import
      ? takeTimes(collection, body, limits)
      : { times: {}, rest: body };
    return { ...readFields(collection, rest, limits), times };
  };
}

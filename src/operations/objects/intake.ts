import type { Call } from '../call.js';
import type { KnownCollection } from '../collection-named.js';
import { exportRootOf } from '../export-keys.js';
import type { Vault } from '../vault.js';
import { openExported } from './exported-values.js';
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
 * How the bodies of a write are read: as they are, with `export_key` their values opened first, with `import` together with the times they
 * state. `id` names the object that a body belongs to, where not the body itself does. Throws what {@link readFields} and
 * {@link openExported} throw, and at once PV9033 for an export key that does not open.
 */
export function intakeOf(call: WritingCall, vault: Vault, collection: KnownCollection): TakeIn {
  const limits = vault.settings.types;
  const { export_key: exported, import: timed } = call.query;
  const key = exported ? exportRootOf(vault).read(exported) : null;
  return (sent, id) => {
    const body = key ? openExported(key, collection, sent, id) : sent;
    const { times, rest } = timed ? takeTimes(collection, body, limits) : { times: {}, rest: body };
    return { ...readFields(collection, rest, limits), times };
  };
}

import { stringify } from 'smol-toml';
import { type Operation, TextAnswer } from '../operation.js';

export const getConfiguration: Operation<'getConfiguration'> = {
  id: 'getConfiguration',

  async run(call, vault) {
    const { db, log, ...rest } = vault.configuration;
    const { log_level: level, trace_sql } = vault.variables.values;
    await call.record({ outcome: 'allowed' });
    return new TextAnswer(
      'application/toml',
      stringify({ ...rest, db: { ...db, trace_sql }, log: { ...log, level } }),
    );
  },
};

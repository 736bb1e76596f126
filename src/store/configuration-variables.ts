import { announcement } from './announce-change.js';
import type { Database } from './database.js';

/** The run-time variables that were set, by name. */
export async function readVariables(database: Database): Promise<Map<string, string>> {
  const rows = await database.run<{ name: string; value: string }>({
    name: 'variable-read',
    text: 'select name, value from configuration_variable',
    values: [],
  });
  return new Map(rows.map(({ name, value }) => [name, value]));
}

/** Sets a run-time variable for all instances. */
export async function storeVariable(database: Database, name: string, value: string): Promise<void> {
  const store = {
    name: 'variable-store',
    text: `insert into configuration_variable (name, value) values ($1, $2)
           on conflict (name) do update set value = excluded.value`,
    values: [name, value],
  };
  await database.commit([store, announcement()]);
}

/** Resets all of them for all instances. */
export async function clearVariables(database: Database): Promise<void> {
  const clear = { name: 'variable-clear', text: 'delete from configuration_variable', values: [] };
  await database.commit([clear, announcement()]);
}

import type { Database } from './database.js';

/** The license text that was set; null before that. */
export async function readLicense(database: Database): Promise<string | null> {
  const rows = await database.run<{ key: string }>({
    name: 'license-read',
    text: 'select key from license where id = 1',
    values: [],
  });
  return rows[0]?.key ?? null;
}

/** Stores a license text in place of the one there was. */
export async function storeLicense(database: Database, key: string): Promise<void> {
  await database.run({
    name: 'license-store',
    text: 'insert into license (id, key) values (1, $1) on conflict (id) do update set key = excluded.key',
    values: [key],
  });
}

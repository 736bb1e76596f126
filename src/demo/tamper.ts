import pg from 'pg';

/** Makes an entry of the access log say that it was somebody else. */
export const FORGERY = [
  'update access_log',
  `   set bytes = convert_to(replace(convert_from(bytes, 'UTF8'), '"billing"', '"support"'),`,
  `                          'UTF8')`,
  ' where index = $1',
];

/** With this a superuser switches off, for one connection, the trigger that keeps the log append-only. */
export const WITHOUT_TRIGGERS = 'set session_replication_role = replica';

/** Forges the entry at `index`, triggers on or off. Returns how many entries were changed, or why PostgreSQL refused. */
export async function tamper(
  databaseUrl: string,
  index: number,
  { triggers }: { triggers: boolean },
): Promise<number | string> {
  const client = new pg.Client(databaseUrl);
  // The demo may be ending: a connection that is cut then is no news.
  client.on('error', () => undefined);
  await client.connect();
  try {
    if (!triggers) await client.query(WITHOUT_TRIGGERS);
    const { rowCount } = await client.query(FORGERY.join('\n'), [index]);
    return rowCount ?? 0;
  } catch (error) {
    if (error instanceof pg.DatabaseError) return error.message;
    throw error;
  } finally {
    await client.end();
  }
}

import pg from 'pg';

/** Somebody who can do anything to the database, past the vault: a thief with its password, or a careless restore. */
export interface Superuser {
  query<Row extends pg.QueryResultRow = pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

/** Connects as the owner of everything, triggers switched off. */
export async function openSuperuser(url: string): Promise<Superuser> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  await client.query('set session_replication_role = replica');
  return {
    query: async <Row extends pg.QueryResultRow>(text: string, values: unknown[] = []) =>
      (await client.query<Row>(text, values)).rows,
    close: () => client.end(),
  };
}

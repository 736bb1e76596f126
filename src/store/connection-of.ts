import pg from 'pg';

/** Where a database URL leads, as the driver reads it, sockets and defaults included. Nothing is connected. */
export function connectionOf(databaseUrl: string): {
  readonly hostname: string;
  readonly port: number;
  readonly name: string;
  readonly user: string;
  readonly hasPassword: boolean;
  readonly tls: boolean;
} {
  const client = new pg.Client({ connectionString: databaseUrl });
  const { host, port, database = '', user = '', password, ssl } = client;
  return {
    hostname: host,
    port,
    name: database,
    user,
    hasPassword: Boolean(password),
    tls: Boolean(ssl),
  };
}

import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
// @ts-expect-error The bench is plain JavaScript, without declarations.
import { fillDirectly } from '../bench/fill.mjs';
// @ts-expect-error As above.
import { TABLES } from '../bench/fill/tables.mjs';
// @ts-expect-error As above.
import { COLLECTION, INDEXED_SCHEMA, TOKENIZED, WIDE_SCHEMA, person } from '../bench/people.mjs';
// @ts-expect-error As above.
import { IAM } from '../bench/roles.mjs';
// @ts-expect-error As above.
import { median, percentile, ratio } from '../bench/statistics.mjs';
import { startVault } from './support/vault.js';

test.each([
  [[3], 3],
  [[3, 1, 2], 2],
  [[4, 1, 3, 2], 2.5],
])('the median of %j is %d', (values, expected) => {
  expect(median(values)).toBe(expected);
});

test('a percentile is the smallest value that so many are not above', () => {
  const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
  expect([50, 99, 100].map((percent) => percentile(hundred, percent))).toEqual([50, 99, 100]);
  expect(percentile([7], 99)).toBe(7);
});

test('of nothing there is neither', () => {
  expect([median([]), percentile([], 50)]).toEqual([NaN, NaN]);
});

test('a ratio has two decimals', () => {
  expect(ratio(2, 3)).toBe(0.67);
});

test('what is filled past the API is what the API would have written, indexes and all, and the vault shows it', async () => {
  const rootKey = randomBytes(32).toString('hex');
  const vault = await startVault({ COATCHECK_KMS_KEY: rootKey });
  const client = new pg.Client({ connectionString: vault.database.url });
  await client.connect();
  try {
    const tables = Object.keys(TABLES as object);
    const rowsOf = async (): Promise<Row[][]> => {
      const all: Row[][] = [];
      for (const table of tables)
        all.push((await client.query<Row>(`select * from ${table}`)).rows.map(shapeOf));
      return all;
    };
    const sendAs = (key?: string) => async (method: string, target: string, raw?: string, type?: string) => {
      const { status, text, body } = await vault.send(method, target, { raw, type, key });
      if (status !== 200) throw new Error(`${method} ${target}: ${text}`);
      return body;
    };
    const admin = sendAs();
    for (const schema of [INDEXED_SCHEMA, WIDE_SCHEMA])
      await admin('POST', '/ctl/collections', schema as string, 'application/pvschema');
    await admin('POST', '/ctl/iam/conf', IAM as string, 'application/toml');
    const { api_key: key } = await admin('POST', '/ctl/iam/user/regen', '{"name":"support"}');

    const definitions = async (): Promise<unknown[]> =>
      (
        await client.query(
          `select indexdef as text from pg_indexes where schemaname in ('public', 'keystore')
            union all select conrelid::regclass || conname || pg_get_constraintdef(oid) from pg_constraint order by text`,
        )
      ).rows;
    const before = await definitions();
    const said: string[] = [];
    const dist = fileURLToPath(new URL('../dist/', import.meta.url));
    const made = await fillDirectly(5, (line: string) => said.push(line))({
      ...{ databaseUrl: vault.database.url, rootKey, dist, app: admin, support: sendAs(key as string) },
    });
    expect(made.objects).toHaveLength(5);
    expect(said.at(-1)).toMatch(/5 of each were read through the vault/);
    expect(await definitions()).toEqual(before);

    const filled = await rowsOf();
    const data = `/data/collections/${COLLECTION}`;
    const reason = 'reason=AppFunctionality';
    const { id } = await admin('POST', `${data}/objects?${reason}`, JSON.stringify(person()));
    const token = [{ type: 'randomized', object: { id }, props: TOKENIZED }];
    await admin('POST', `${data}/tokens?${reason}`, JSON.stringify(token));
    const all = await rowsOf();
    for (const [i, rows] of filled.entries()) expect(all[i]).toEqual([...rows, rows[0]]);
    await expect(
      fillDirectly(1, () => undefined)({ ...vault, databaseUrl: vault.database.url }),
    ).rejects.toThrow('only an empty vault');
    expect(await definitions()).toEqual(before);
  } finally {
    await client.end();
    await vault.close();
  }
});

type Row = Record<string, unknown>;

/** Which columns are set, and how long what is in them is: nobody of the bench has a longer name than another. */
function shapeOf(row: Row): Row {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      Buffer.isBuffer(value) || (typeof value === 'string' && name !== 'seq')
        ? value.length
        : value instanceof Date || typeof value === 'string'
          ? 'set'
          : value,
    ]),
  );
}

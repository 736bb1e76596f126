import pg from 'pg';
import { cloneDatabase } from '../../support/test-postgres.js';

test('a clone is a database of its own and goes away with its connections', async () => {
  const [one, two] = await Promise.all([cloneDatabase(), cloneDatabase()]);
  const client = new pg.Client(one.url);
  client.on('error', () => undefined);
  await client.connect();
  await client.query('create table only_here ()');
  const other = new pg.Client(two.url);
  await other.connect();
  expect((await other.query("select to_regclass('only_here') as found")).rows).toEqual([{ found: null }]);
  await other.end();
  await Promise.all([one.drop(), two.drop()]);
  await expect(new pg.Client(one.url).connect()).rejects.toThrow(/does not exist/);
});

import { setClients } from '../../support/iam.js';
import { addCollection, addObject, refusal, refused, sql } from '../../support/steps.js';
import { cloneDatabase } from '../../support/test-postgres.js';
import { until } from '../../support/until.js';
import { type Answer, type TestVault, startVault } from '../../support/vault.js';

const set = (vault: TestVault, name: string, value: unknown, key?: string): Promise<Answer> =>
  vault.send('POST', `/system/confvar/${name}`, { json: { value }, ...(key !== undefined && { key }) });

/** The lines logged by what `work` does. */
async function linesOf(vault: TestVault, work: () => Promise<unknown>): Promise<string[]> {
  const before = vault.logged().length;
  await work();
  return vault.logged().slice(before).split('\n').filter(Boolean);
}

describe('on one instance', () => {
  let vault: TestVault;
  beforeAll(async () => {
    vault = await startVault();
    await addCollection(vault);
  });
  afterEach(() => vault.send('DELETE', '/system/confvar'));
  afterAll(() => vault.close());

  test('200: answers nothing, and log_level decides at once what is logged', async () => {
    const answer = await set(vault, 'log_level', 'error');
    expect([answer.status, answer.text]).toEqual([200, '']);
    const ask = (): Promise<unknown> => vault.send('GET', '/ctl/types');
    expect(await linesOf(vault, ask)).toEqual([]);
    await set(vault, 'log_level', 'info');
    expect((await linesOf(vault, ask)).length).toBeGreaterThan(0);
  });

  test('200: trace_sql logs the text of statements of both kinds, and no value, token or key in them', async () => {
    await set(vault, 'trace_sql', 'true');
    const lines = await linesOf(vault, async () => {
      const id = await addObject(vault, { name: 'Quetzalcoatl', ssn: '612-58-3947' });
      await vault.send('POST', '/data/collections/users/query/objects?options=unsafe', {
        json: { match: { ssn: '612-58-3947' } },
      });
      await addCollection(vault, 'axolotl PERSONS ( a STRING );');
      await vault.send('DELETE', `/data/collections/users/objects/${id}`);
    });
    const statements = lines.filter((line) => line.includes('"message":"sql"'));
    expect(statements.some((line) => line.includes('insert into object'))).toBe(true);
    expect(statements.some((line) => line.includes('insert into blind_index'))).toBe(true);
    expect(statements.some((line) => /INSERT INTO \\"public\\"\.\\"collection\\"/.test(line))).toBe(true);
    for (const value of ['Quetzalcoatl', '612-58-3947', 'axolotl']) {
      expect(statements.join('\n')).not.toContain(value);
    }
    await set(vault, 'trace_sql', 'false');
    const after = await linesOf(vault, () => vault.send('GET', '/ctl/types'));
    expect(after.filter((line) => line.includes('"message":"sql"'))).toEqual([]);
  });

  test.each([
    ['log_level', 'loud'],
    ['log_level', ''],
    ['log_level', 'INFO '],
    ['trace_sql', 'yes'],
    ['trace_sql', 'TRUE'],
  ])('400: %s cannot be %j; nothing changes and the text is not repeated', async (name, value) => {
    const before = (await vault.send('GET', `/system/confvar/${name}`)).text;
    const answer = await set(vault, name, value);
    const context = { field: 'value', reason: expect.stringMatching(/^It must be /) as string };
    expect(refusal(answer)).toEqual([400, 'PV1012', context]);
    if (value !== '') expect(answer.text).not.toContain(value);
    expect((await vault.send('GET', `/system/confvar/${name}`)).text).toBe(before);
  });

  test.each([[5], [null], [undefined], [true]])('400: %p is no text, PV1012', async (value) => {
    expect(refused(await set(vault, 'log_level', value))).toBe('400 PV1012');
  });

  test('404: another name is PV9067 and is not repeated', async () => {
    const answer = await set(vault, 'canary', 'info');
    expect(refusal(answer)).toEqual([404, 'PV9067', {}]);
    expect(answer.text).not.toContain('canary');
  });

  test('403: only with the capability to write variables, PV1007; 401: not without a key', async () => {
    const { reader, writer } = await setClients(vault, [
      { name: 'reader', capabilities: ['CapConfvarReader'] },
      { name: 'writer', capabilities: ['CapConfvarWriter'] },
    ]);
    expect(refused(await set(vault, 'log_level', 'warn', reader))).toBe('403 PV1007');
    expect((await set(vault, 'log_level', 'warn', writer)).status).toBe(200);
    expect(
      refused(await vault.send('POST', '/system/confvar/log_level', { key: null, json: { value: 'info' } })),
    ).toBe('401 PV1005');
  });

  test('what was set stands in the access log, with who set it', async () => {
    await set(vault, 'log_level', 'error');
    const { body } = await vault.send('GET', '/api/coatcheck/1.0/audit/entries?operation=setConfVar&limit=1');
    expect(body.entries[0]).toMatchObject({ user: 'Admin', outcome: 'allowed', rule: 'log_level=error' });
  });
});

test('it takes effect in every instance, and outlives them all; a stored value nobody understands is the default', async () => {
  const database = await cloneDatabase();
  const a = await startVault({}, database);
  const b = await startVault({}, database);
  try {
    const isSilent = async (vault: TestVault): Promise<boolean> =>
      (await linesOf(vault, () => vault.send('GET', '/ctl/types'))).length === 0;
    expect(await isSilent(b)).toBe(false);
    await set(a, 'log_level', 'error');
    await until('the other is silent', () => isSilent(b), 5_000);

    const c = await startVault({}, database);
    expect(await isSilent(c)).toBe(true);
    await sql(c, `update configuration_variable set value = 'shout'`);
    expect((await c.send('GET', '/system/confvar/log_level')).body.value).toBe('debug');
    expect(await isSilent(c)).toBe(false);
    await c.close();
  } finally {
    await a.close();
    await b.close();
    await database.drop();
  }
});

import { readFileSync } from 'node:fs';
import { addObject, tokenize } from '../support/steps.js';
import { type ConsoleFixture, inBrowser, listed, search, startConsole, visit } from './support/console.js';

inBrowser('searching the log in the console', () => {
  let fixture: ConsoleFixture;
  let tokenId: string;
  beforeAll(async () => {
    fixture = await startConsole({ COATCHECK_LOG_AUDIT_REMOTE_ADDR_ENABLE: 'true' });
    const { vault, supportKey, objectId } = fixture;
    const object = `/data/collections/users/objects/${objectId}`;
    await vault.send('GET', `${object}?props=email&reason=Other&adhoc_reason=ticket+4711`, {
      key: supportKey,
    });
    await vault.send('GET', `${object}?props=ssn&reason=Marketing`, { key: supportKey });
    tokenId = await tokenize(vault, { object: { id: objectId }, props: ['email'] });
    await vault.send('GET', `/data/collections/users/tokens?token_ids=${tokenId}`);
    for (let n = 0; n < 30; n++) await vault.send('GET', '/ctl/collections');
  });
  afterAll(() => fixture.close());

  // What the log then holds for the filter: entries of these operations and no others.
  const NARROWED: [label: string, value: () => string, found: string[]][] = [
    ['Client', () => 'support', ['getObjectById', 'getObjectById']],
    ['Role', () => 'support', ['getObjectById', 'getObjectById']],
    ['Operation', () => 'tokenize', ['tokenize']],
    ['Property', () => 'ssn', ['getObjectById']],
    ['Outcome', () => 'masked', ['getObjectById']],
    ['Reason', () => 'Marketing', ['getObjectById']],
    ['Words in free texts', () => '4711 ticket', ['getObjectById']],
    ['Transformation', () => 'mask', ['getObjectById']],
    ['Token', () => tokenId, ['detokenize', 'tokenize']],
    [
      'Object id',
      () => fixture.objectId,
      ['detokenize', 'tokenize', 'getObjectById', 'getObjectById', 'addObject'],
    ],
    ['Collection', () => 'nowhere', []],
    ['Subject of a JWT', () => 'nobody', []],
    ['Tenant', () => 'none', []],
    ['Rule', () => 'none', []],
    ['Key id', () => 'none', []],
    ['Request id', () => 'none', []],
    ['Remote address', () => '192.0.2.1', []],
    ['From (UTC)', () => '2999-01-01T00:00:00', []],
    ['Before (UTC)', () => '2020-01-01T00:00:00', []],
  ];

  test('each filter narrows the list to what the log holds', async () => {
    const { page, context, complaints } = await visit(fixture);
    for (const [label, value, found] of NARROWED) {
      await search(page, { [label]: value() });
      expect([label, await listed(page)]).toEqual([label, found]);
    }
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('filters are met together, and clearing them brings everything back', async () => {
    const { page, context } = await visit(fixture);
    await search(page, { Client: 'support', Outcome: 'denied', 'From (UTC)': '2020-01-01T00:00' });
    expect(await listed(page)).toEqual(['getObjectById']);
    await search(page, {});
    expect((await listed(page)).length).toBe(25);
    await context.close();
  });

  test('what cannot be is said in words that name the field', async () => {
    const { page, context } = await visit(fixture);
    const form = page.getByRole('form', { name: 'Search the access log' });
    await form.locator('summary').click();
    await form.getByLabel('Object id').fill('not-an-id');
    await form.getByRole('button', { name: 'Search' }).click();
    await page.getByRole('alert').filter({ hasText: 'object_id' }).waitFor();
    await context.close();
  });

  test('pages follow each other without a gap, there and back', async () => {
    const { page, context } = await visit(fixture);
    await search(page, { Operation: 'listCollections' });
    const first = await page.locator('table.entries td[data-label=Entry]').allTextContents();
    await page.getByRole('button', { name: 'Next page' }).click();
    await page.getByText('Page 2: 5 entries.').waitFor();
    const second = await page.locator('table.entries td[data-label=Entry]').allTextContents();
    expect([first.length, second.length, new Set([...first, ...second]).size]).toEqual([25, 5, 30]);
    expect(await page.getByRole('button', { name: 'Next page' }).isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Previous page' }).click();
    await page.getByText('Page 1: 25 entries, and more.').waitFor();
    expect(await page.locator('table.entries td[data-label=Entry]').allTextContents()).toEqual(first);
    await context.close();
  });

  test('the chart has bars and a table with the same numbers', async () => {
    const { page, context } = await visit(fixture);
    await search(page, { Operation: 'listCollections' });
    const chart = page.getByRole('img', { name: /^Accesses by hour/ });
    expect(await chart.locator('rect.allowed').count()).toBeGreaterThan(0);
    await page.getByText('The chart as a table').click();
    const table = page.getByRole('table', { name: 'Accesses by hour (UTC)' });
    const rows = await table.getByRole('row').allTextContents();
    const sum = rows.slice(1).reduce((total, row) => total + Number(/(\d+)000$/.exec(row)![1]!.slice(2)), 0);
    expect(rows[0]).toBe('Whatallowedmaskeddeniedfailed');
    expect(sum).toBe(30);
    await context.close();
  });

  test('counts by client, property and operation are tables of their own', async () => {
    const { page, context } = await visit(fixture);
    await search(page, { Client: 'support' });
    for (const [by, row] of [
      ['user', 'support0110'],
      ['property', 'ssn0010'],
      ['operation', 'getObjectById0110'],
    ]) {
      await page.getByLabel('Count by').selectOption(by!);
      const table = page.getByRole('table', { name: `Accesses by ${by}` });
      await table.waitFor();
      expect(await table.getByRole('row').allTextContents()).toContain(row);
    }
    await context.close();
  });

  test('a token is sent in a body and stands in no address', async () => {
    const { page, context, requests } = await visit(fixture);
    await search(page, { Token: tokenId });
    expect(requests.filter((url) => url.includes(tokenId))).toEqual([]);
    await page.getByText('Accesses to one token cannot be counted.').waitFor();
    await context.close();
  });

  test('the page can be taken along as JSON lines, with what the API answered', async () => {
    const { page, context } = await visit(fixture);
    await search(page, { Client: 'support' });
    const arriving = page.waitForEvent('download');
    await page.getByRole('button', { name: /^Download/ }).click();
    const download = await arriving;
    expect(download.suggestedFilename()).toMatch(/^access-log-\d+-\d+\.jsonl$/);
    const lines = readFileSync(await download.path(), 'utf8')
      .trimEnd()
      .split('\n');
    const { body } = await fixture.vault.send('GET', '/api/coatcheck/1.0/audit/entries?user=support');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(body.entries);
    await context.close();
  });

  test('the log itself can be exported, byte by byte and for a SIEM, and what is refused is said', async () => {
    const { page, context, complaints } = await visit(fixture);
    const form = page.getByRole('form', { name: 'Export the log' });
    for (const [format, range] of [
      ['jsonl', ''],
      ['ecs', '&from=2&limit=3'],
    ] as const) {
      await form.getByLabel('Format').selectOption(format);
      const asked = new URLSearchParams(range);
      await form.getByLabel('First position').fill(asked.get('from') ?? '');
      await form.getByLabel('Most entries').fill(asked.get('limit') ?? '3');
      const arriving = page.waitForEvent('download');
      await form.getByRole('button').click();
      const file = readFileSync(await (await arriving).path(), 'utf8');
      const target = `/api/coatcheck/1.0/audit/export?format=${format}${range || '&limit=3'}`;
      expect(file).toBe((await fixture.vault.send('GET', target)).text);
      await form.getByText(`Exported ${Buffer.byteLength(file)} bytes.`).waitFor();
    }
    expect(complaints).toEqual([]);
    await form.getByLabel('First position').fill('99999999');
    await form.getByRole('button').click();
    expect(await form.getByRole('alert').filter({ hasText: '(from)' }).innerText()).not.toBe('');
    await context.close();
  });

  test('the command asks for the same, and holds neither key nor token', async () => {
    const { page, context } = await visit(fixture);
    await search(page, { Client: "o'brien\u202e", Token: tokenId });
    await page.getByText('The same search as a command').click();
    const command = await page.locator('pre').innerText();
    expect(command).toContain(
      `-d '{"user":"o\\u0027brien\\u202e","token_id":"TOKEN","order":"newest","limit":25}' ${fixture.vault.url}/api/coatcheck/1.0/audit/query`,
    );
    expect(command).not.toContain(tokenId);
    expect(command).not.toContain(fixture.auditorKey);
    await context.close();
  });

  test('an answer that was overtaken by a later search is dropped', async () => {
    const { page, context } = await visit(fixture);
    await addObject(fixture.vault, {});
    await page.route('**/audit/query', async (route) => {
      const slow = route.request().postData()!.includes('tokenize');
      if (slow) await new Promise((resolve) => setTimeout(resolve, 700));
      await route.continue();
    });
    const form = page.getByRole('form', { name: 'Search the access log' });
    await form.getByLabel('Operation').fill('tokenize');
    await form.getByLabel('Operation').press('Enter');
    await form.getByRole('button', { name: 'Clear' }).click();
    await page.getByText(/^Page 1: 25/).waitFor();
    await page.waitForTimeout(1_000);
    expect((await listed(page)).length).toBe(25);
    await context.close();
  });
});

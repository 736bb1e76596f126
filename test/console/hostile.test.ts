import { type ConsoleFixture, inBrowser, search, startConsole, visit } from './support/console.js';

/** In the browser. */
declare function getComputedStyle(element: unknown): { unicodeBidi: string; overflow: string };

/** What people who may write a free text may write into the auditor's screen. */
const MARKUP = '<img src=x onerror="window.owned=1"><script>window.owned=1</script><b>bold</b>{{7*7}}${7*7}';
const REVERSED = 'paid \u202e054 RUE\u202c to \u2066x\u2069';
const BROKEN = 'line one\r\nline two\u0000\u0007\u001b[31mred\u200b\u00a0\ufeff';
const PILED = `Z${'\u0301'.repeat(200)}`;

inBrowser('hostile free texts in the console', () => {
  let fixture: ConsoleFixture;
  beforeAll(async () => {
    fixture = await startConsole();
  });
  afterAll(() => fixture.close());

  async function shown(texts: Record<string, string>) {
    const visited = await visit(fixture, { viewport: { width: 320, height: 640 } });
    const { page } = visited;
    // In the answers to the page, so that texts which the API would refuse are there too; the proof is then wrong, as it must be.
    await page.route('**/audit/query', async (route) => {
      const response = await route.fetch();
      const body = (await response.json()) as { entries: object[] };
      await route.fulfill({
        response,
        json: { ...body, entries: body.entries.map((entry) => ({ ...entry, ...texts })) },
      });
    });
    await search(page, {});
    const list = await page.locator('table.entries').innerText();
    await page.locator('table.entries button').first().click();
    await page.locator('[data-verdict=wrong]').first().waitFor();
    const textOf = (member: string): Promise<string> =>
      page.locator(`[data-member=${member}] dd`).innerText();
    return { ...visited, list, textOf };
  }

  test('markup is shown as the text that it is, and nothing of it runs or is fetched', async () => {
    const { page, context, textOf, list, requests, complaints } = await shown({
      adhoc_reason: MARKUP,
      custom_audit: MARKUP,
      user: MARKUP,
      rule: MARKUP,
    });
    expect(await textOf('adhoc_reason')).toBe(MARKUP);
    expect(await textOf('user')).toBe(MARKUP);
    expect(list).toContain(MARKUP);
    expect(await page.evaluate('window.owned')).toBeUndefined();
    expect(await page.locator('main img, main script, main b').count()).toBe(0);
    expect(requests.filter((url) => url.endsWith('/x'))).toEqual([]);
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('overrides of direction are shown by number, and texts cannot turn around what stands beside them', async () => {
    const { page, context, textOf } = await shown({ adhoc_reason: REVERSED, user: REVERSED });
    expect(await textOf('adhoc_reason')).toBe('paid U+202E054 RUEU+202C to U+2066xU+2069');
    expect(await page.locator('main').innerText()).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
    expect(
      await page
        .locator('[data-member=user] bdi')
        .evaluate((element) => getComputedStyle(element).unicodeBidi),
    ).toBe('isolate');
    await context.close();
  });

  test('line breaks, controls and spaces that nobody sees are shown by number', async () => {
    const { context, textOf } = await shown({ custom_audit: BROKEN });
    expect(await textOf('custom_audit')).toBe(
      'line oneU+000DU+000Aline twoU+0000U+0007U+001B[31mredU+200BU+00A0U+FEFF',
    );
    await context.close();
  });

  test('long words and piles of marks stay in their line and on the screen', async () => {
    const { page, context } = await shown({
      adhoc_reason: 'x'.repeat(4_000),
      custom_audit: PILED,
      user: 'y'.repeat(500),
    });
    const [width, seen] = await page.evaluate<[number, number]>(
      '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
    );
    expect(width).toBeLessThanOrEqual(seen);
    expect(
      await page
        .locator('[data-member=custom_audit] .text')
        .evaluate((element) => getComputedStyle(element).overflow),
    ).toBe('clip');
    await context.close();
  });

  test('what was really recorded so comes through the API and the proof unharmed', async () => {
    const { vault, objectId, supportKey } = fixture;
    const query = new URLSearchParams({
      props: 'email',
      reason: 'Other',
      adhoc_reason: `${MARKUP} ${REVERSED}`,
    });
    await vault.send('GET', `/data/collections/users/objects/${objectId}?${query.toString()}`, {
      key: supportKey,
    });
    const { page, context, complaints } = await visit(fixture);
    await search(page, { Client: 'support' });
    await page.locator('table.entries button').first().click();
    await page.locator('[data-verdict=right]:visible').waitFor();
    expect(await page.locator('[data-member=adhoc_reason] dd').innerText()).toContain(
      '<script>window.owned=1</script>',
    );
    expect(await page.evaluate('window.owned')).toBeUndefined();
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('the policy holds: a script that got in all the same would not run', async () => {
    const { page, context } = await visit(fixture);
    const outcome = await page.evaluate(`new Promise((done) => {
      document.addEventListener('securitypolicyviolation', (event) => done(event.effectiveDirective));
      try { document.body.innerHTML = '<img src=x onerror=1>'; } catch { done('trusted types'); }
      setTimeout(() => done('nothing stopped it'), 2000);
    })`);
    expect(['trusted types', 'require-trusted-types-for']).toContain(outcome);
    await context.close();
  });
});

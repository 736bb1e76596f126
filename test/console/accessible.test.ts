import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { type ConsoleFixture, inBrowser, search, startConsole, visit } from './support/console.js';

/** What axe finds, each with the place; best practices included. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(`axe.run().then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => id + ' ' + target + ' ' + failureSummary)))`);
}

async function isWithin(page: Page): Promise<boolean> {
  return page.evaluate('document.documentElement.scrollWidth <= document.documentElement.clientWidth');
}

inBrowser('the console for everybody', () => {
  let fixture: ConsoleFixture;
  beforeAll(async () => {
    fixture = await startConsole();
    const { vault, objectId, supportKey } = fixture;
    await vault.send('GET', `/data/collections/users/objects/${objectId}?props=email`, { key: supportKey });
    await vault.send('GET', `/data/collections/users/objects/${objectId}?props=ssn`, { key: supportKey });
  });
  afterAll(() => fixture.close());

  // What is wrong with a colour is wrong in any width, and the other way round.
  test.each([
    ['light', 1280],
    ['dark', 320],
  ] as const)(
    'axe finds nothing in any view, %s, %i pixels wide, and no view is wider',
    async (colorScheme, width) => {
      const { page, context } = await visit(fixture, {
        key: null,
        colorScheme,
        viewport: { width, height: 700 },
      });
      // Axe is put into the page by the browser itself, past its policy; colours that fade would be measured half way.
      await page.getByLabel('API key or JWT of an auditor').fill('wrong');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('alert').filter({ hasText: 'not accept' }).waitFor();
      expect([await violations(page), await isWithin(page)]).toEqual([[], true]);

      await page.getByLabel('API key or JWT of an auditor').fill(fixture.auditorKey);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await search(page, {});
      for (const summary of await page.locator('summary').all()) {
        if ((await summary.locator('xpath=..').getAttribute('open')) === null) await summary.click();
      }
      expect([await violations(page), await isWithin(page)]).toEqual([[], true]);

      await page.getByLabel('Count by').selectOption('user');
      await page.getByRole('table', { name: 'Accesses by user' }).waitFor();
      expect([await violations(page), await isWithin(page)]).toEqual([[], true]);

      await page.locator('table.entries button').first().click();
      await page.locator('[data-verdict=right]:visible').waitFor();
      expect([await violations(page), await isWithin(page)]).toEqual([[], true]);
      await context.close();
    },
  );

  test('a search, an entry and the way back need no mouse, and the focus goes along', async () => {
    const { page, context } = await visit(fixture);
    const focused = (): Promise<string> =>
      page.evaluate('document.activeElement.id || document.activeElement.textContent');
    await page.getByLabel('Client').focus();
    await page.keyboard.type('support');
    await page.keyboard.press('Enter');
    await page.getByText('Page 1: 2 entries.').waitFor();
    await page.locator('table.entries button').first().focus();
    const opened = await focused();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: /^Entry \d+$/ }).waitFor();
    expect(await focused()).toBe('entry-heading');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.locator('table.entries').waitFor();
    expect(await focused()).toBe(opened);
    await context.close();
  });

  test('whatever takes the focus shows it', async () => {
    const { page, context } = await visit(fixture);
    await page.keyboard.press('Tab');
    const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle');
    expect(outline).toBe('solid');
    await context.close();
  });

  test('results and verdicts are announced, problems at once', async () => {
    const { page, context } = await visit(fixture);
    const live = await page.locator('[role=status]').allInnerTexts();
    expect(live).toEqual(
      expect.arrayContaining([expect.stringMatching(/^Page 1: /), expect.stringMatching(/Verified$/)]),
    );
    expect(await page.locator('[role=alert]').count()).toBeGreaterThan(0);
    await context.close();
  });

  test('a table is one on a telephone too', async () => {
    const { page, context } = await visit(fixture, { viewport: { width: 320, height: 640 } });
    const table = page.getByRole('table', { name: 'Entries of the access log' });
    expect(await table.getByRole('row').count()).toBeGreaterThan(3);
    expect(await table.getByRole('cell').count()).toBeGreaterThan(20);
    await context.close();
  });
});

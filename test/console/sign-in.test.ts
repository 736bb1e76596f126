import { keyOf } from '../support/iam.js';
import { type ConsoleFixture, inBrowser, signIn, startConsole, visit } from './support/console.js';

inBrowser('signing in to the console', () => {
  let fixture: ConsoleFixture;
  beforeAll(async () => {
    fixture = await startConsole();
  });
  afterAll(() => fixture.close());

  test('a wrong key is refused in words, and the field has the focus again', async () => {
    const { page, context } = await visit(fixture, { key: null });
    await signIn(page, 'not-a-key');
    await page.getByRole('alert').filter({ hasText: 'The vault does not accept this key.' }).waitFor();
    expect(await page.evaluate('document.activeElement.id')).toBe('credential');
    expect(await page.getByText('Accesses').count()).toBe(0);
    await context.close();
  });

  test('a key without the capability is told which one it lacks', async () => {
    const { page, context } = await visit(fixture, { key: null });
    await signIn(page, fixture.supportKey);
    await page.getByRole('alert').filter({ hasText: 'CapAuditReader' }).waitFor();
    await context.close();
  });

  test('a text that cannot even be sent is refused in words', async () => {
    const { page, context } = await visit(fixture, { key: null });
    await signIn(page, 'schlüssel→');
    await page.getByRole('alert').filter({ hasText: 'neither an API key nor a JWT' }).waitFor();
    await context.close();
  });

  test("an auditor's key opens the log, with the focus on its heading", async () => {
    const { page, context, complaints } = await visit(fixture);
    expect(await page.evaluate('document.activeElement.tagName')).toBe('H1');
    await page.getByRole('heading', { name: 'Accesses' }).waitFor();
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('the key is in no storage, no cookie, no address and nowhere in the page', async () => {
    const { page, context, requests } = await visit(fixture);
    await page.locator('table.entries button').first().click();
    await page.getByRole('heading', { name: /^Entry \d+$/ }).waitFor();
    expect(await page.evaluate('[localStorage.length, sessionStorage.length, document.cookie]')).toEqual([
      0,
      0,
      '',
    ]);
    expect(await page.evaluate('indexedDB.databases().then((all) => all.length)')).toBe(0);
    expect(await page.evaluate('caches.keys().then((all) => all.length)')).toBe(0);
    expect(await context.cookies()).toEqual([]);
    expect(page.url()).toBe(`${fixture.vault.url}/console/`);
    expect(requests.filter((url) => url.includes(fixture.auditorKey))).toEqual([]);
    expect(await page.content()).not.toContain(fixture.auditorKey);
    await context.close();
  });

  test('nothing is asked of anybody but this vault', async () => {
    const { page, context, requests } = await visit(fixture);
    await page.getByLabel('Count by').selectOption('user');
    await page.locator('table.entries button').first().click();
    await page.locator('[data-verdict=right]').first().waitFor();
    expect(requests.length).toBeGreaterThan(5);
    expect(new Set(requests.map((url) => new URL(url).origin))).toEqual(new Set([fixture.vault.url]));
    await context.close();
  });

  test('signing out, reloading and leaving each forget the key and what was shown', async () => {
    const { page, context } = await visit(fixture);
    await page.getByRole('button', { name: 'Sign out' }).click();
    expect(await page.getByLabel('API key or JWT of an auditor').inputValue()).toBe('');
    expect(await page.locator('table.entries').count()).toBe(0);
    await signIn(page, fixture.auditorKey);
    await page.locator('table.entries').waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await signIn(page, fixture.auditorKey);
    await page.locator('table.entries').waitFor();
    await page.goto('about:blank');
    await page.goBack();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await context.close();
  });

  test('a key that stops being accepted ends the session, and says so', async () => {
    const { page, context } = await visit(fixture);
    // A new key takes the place of the old one.
    await keyOf(fixture.vault, 'auditor');
    await page.getByRole('button', { name: 'Search', exact: true }).click();
    await page.getByRole('alert').filter({ hasText: 'does not accept this key any more' }).waitFor();
    expect(await page.locator('table.entries').count()).toBe(0);
    await context.close();
  });
});

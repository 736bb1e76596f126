import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { setClients } from '../../support/iam.js';
import { addCollection, addObject } from '../../support/steps.js';
import { type TestVault, startVault } from '../../support/vault.js';
import { startBrowser } from './browser.js';

/** A vault with accesses of all kinds, and a browser to look at them with. */
export interface ConsoleFixture {
  readonly vault: TestVault;
  readonly browser: Browser;
  readonly auditorKey: string;
  /** Of a client that may read `email` masked and nothing else. */
  readonly supportKey: string;
  readonly objectId: string;
  close(): Promise<void>;
}

/** The browser is there, or the tests in it are passed over; a file awaits it before it names its tests. */
const browser = await startBrowser();
export const inBrowser = browser ? describe : describe.skip;

/** Starts the vault. Call it only inside {@link inBrowser}. */
export async function startConsole(env: Record<string, string> = {}): Promise<ConsoleFixture> {
  const vault = await startVault(env);
  await addCollection(vault);
  const keys = await setClients(vault, [
    { name: 'auditor', capabilities: ['CapAuditReader'] },
    {
      name: 'support',
      capabilities: ['CapDataReader'],
      allow: [{ operations: ['read'], resources: ['users/properties/email.mask', 'users/properties/email'] }],
      masks: { 'users/email': 'mask' },
    },
  ]);
  const objectId = await addObject(vault, { email: 'jane@example.com', name: 'Jane' });
  return {
    vault,
    browser: browser!,
    auditorKey: keys.auditor!,
    supportKey: keys.support!,
    objectId,
    async close() {
      await browser!.close();
      await vault.close();
    },
  };
}

/** What a page did that it must not do. */
export interface Visit {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Addresses that were asked for, all of them. */
  readonly requests: string[];
  /** What the browser complained of: errors of scripts, and what the policy refused. */
  readonly complaints: string[];
}

/** Opens the console in a context of its own, signed in as the auditor unless `key` says otherwise; null: not signed in. */
export async function visit(
  { vault, browser: used, auditorKey }: ConsoleFixture,
  { key = auditorKey, ...options }: BrowserContextOptions & { key?: string | null } = {},
): Promise<Visit> {
  const context = await used.newContext(options);
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  const requests: string[] = [];
  const complaints: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.goto(`${vault.url}/console/`);
  if (key !== null) {
    await signIn(page, key);
    await settled(page);
  }
  return { page, context, requests, complaints };
}

export async function signIn(page: Page, key: string): Promise<void> {
  await page.getByLabel('API key or JWT of an auditor').fill(key);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

/** Until the list and the checkpoint are there. */
async function settled(page: Page): Promise<void> {
  await page.getByText(/^Page \d+: /).waitFor();
  await page.locator('[data-verdict]:not([data-verdict=running])').first().waitFor();
}

/** Searches with these fields, by label, and waits for what it finds. */
export async function search(page: Page, fields: Readonly<Record<string, string>>): Promise<void> {
  const form = page.getByRole('form', { name: 'Search the access log' });
  await form.getByRole('button', { name: 'Clear' }).click();
  const more = form.locator('details');
  if ((await more.getAttribute('open')) === null) await more.locator('summary').click();
  for (const [label, value] of Object.entries(fields)) {
    const field = form.getByLabel(label, { exact: true });
    const tag = await field.evaluate((element: { tagName: string }) => element.tagName);
    if (tag === 'SELECT') await field.selectOption(value);
    else await field.fill(value);
  }
  const counted = page.waitForResponse((response) => response.url().endsWith('/audit/query'));
  await form.getByRole('button', { name: 'Search' }).click();
  await counted;
  await settled(page);
}

/** The operations in the list, from the top. */
export function listed(page: Page): Promise<string[]> {
  return page.locator('table.entries td[data-label=Operation]').allTextContents();
}

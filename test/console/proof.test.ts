import type { Page, Route } from 'playwright-core';
import { generateKeyPairSync } from 'node:crypto';
import { LOG_SIGNATURE, formatVerifierKey } from '../../src/access-log/note.js';
import { type ConsoleFixture, inBrowser, search, startConsole, visit } from './support/console.js';

// What an answer holds is for the test to say.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Answered = any;

/** Opens the newest entry of the list and returns what its badge says once all is checked. */
async function openFirst(page: Page): Promise<string> {
  await page.locator('table.entries button').first().click();
  return verdictOf(page, 'Proof');
}

async function verdictOf(page: Page, of: string): Promise<string> {
  const badge = page.getByRole('status').filter({ hasText: `${of}: ` });
  await badge.and(page.locator('[data-verdict]:not([data-verdict=running])')).waitFor();
  return (await badge.innerText()).replace(/^\S+ /, '');
}

const wrongSteps = (page: Page): Promise<string[]> => page.locator('.steps .wrong').allInnerTexts();

/** Changes what the vault answers on its way to the page. */
function tampering(change: (body: Answered) => void): (route: Route) => Promise<void> {
  return async (route) => {
    const response = await route.fetch();
    const body = await response.json();
    change(body);
    await route.fulfill({ response, json: body });
  };
}

const flip = (base64: string): string => {
  const bytes = Buffer.from(base64, 'base64');
  bytes[3]! ^= 1;
  return bytes.toString('base64');
};

inBrowser('proofs in the console', () => {
  let fixture: ConsoleFixture;
  let listedKey: string;
  beforeAll(async () => {
    fixture = await startConsole();
    const { vault, objectId, supportKey } = fixture;
    for (let n = 0; n < 5; n++) await vault.send('GET', '/ctl/collections');
    await vault.send(
      'GET',
      `/data/collections/users/objects/${objectId}?props=email&reason=Other&adhoc_reason=ticket+4711&custom_audit=file+12`,
      { key: supportKey },
    );
    listedKey = (await vault.send('GET', '/api/coatcheck/1.0/audit/keys')).body.keys[0].key;
  });
  afterAll(() => fixture.close());

  test('an entry, its texts and the checkpoint verify, and each check says what it found', async () => {
    const { page, context, complaints } = await visit(fixture);
    expect(await verdictOf(page, 'Checkpoint')).toBe('Checkpoint: Verified');
    await search(page, { Client: 'support' });
    expect(await openFirst(page)).toBe('Proof: Verified');
    const steps = await page.locator('.steps:visible li').allInnerTexts();
    expect(steps.map((step) => step.replace(/^\S+ ([^:]*(?:: \w+)?): .*/s, '$1'))).toEqual([
      'Contents',
      'Free texts',
      'Inclusion',
      'Checkpoint: signature',
      'Checkpoint: continuity',
    ]);
    const facts = await page.locator('[data-member]:visible').allInnerTexts();
    expect(facts.join('\n')).toContain('ticket 4711');
    expect(facts.join('\n')).toContain('email.mask');
    expect(complaints).toEqual([]);
    await context.close();
  });

  test('every entry of a page verifies, of whatever kind', async () => {
    const { page, context } = await visit(fixture);
    const count = await page.locator('table.entries button').count();
    expect(count).toBeGreaterThan(10);
    for (let at = 0; at < count; at++) {
      await page.locator('table.entries button').nth(at).click();
      expect([at, await verdictOf(page, 'Proof')]).toEqual([at, 'Proof: Verified']);
      await page.getByRole('button', { name: 'Back to the list' }).click();
    }
    await context.close();
  });

  const otherRoot = (note: string): string =>
    note.replace(/^([^\n]*\n\d+\n)([^\n]*)/, (_all, head: string, root: string) => head + flip(root));

  describe('where the vault lies', () => {
    let page: Page;
    beforeAll(async () => {
      page = (await visit(fixture)).page;
      await search(page, { Client: 'support' });
    });
    afterEach(() => page.unrouteAll());
    afterAll(() => page.context().close());

    test.each<[string, string, (proof: Answered) => void]>([
      ['a bit of the bytes', 'Inclusion', (proof) => (proof.entry = flip(proof.entry))],
      ['a bit of a hash', 'Inclusion', (proof) => (proof.proof[0] = flip(proof.proof[0]))],
      ['a hash less', 'Inclusion', (proof) => proof.proof.pop()],
      ['another leaf', 'Inclusion', (proof) => (proof.leaf = flip(proof.leaf))],
      ['another size', 'Inclusion', (proof) => (proof.size += 1)],
      ['another text', 'Free texts', (proof) => (proof.texts[0].text = 'ticket 1')],
      ['another salt', 'Free texts', (proof) => (proof.texts[0].salt = 'A'.repeat(22) + '==')],
      ['no bytes', 'Inclusion', (proof) => delete proof.entry],
      ['no hashes', 'Inclusion', (proof) => delete proof.proof],
      ['bytes that are no entry', 'Contents', (proof) => (proof.entry = 'bnVsbA==')],
      ['a root of its own', 'signature', (proof) => (proof.checkpoint = otherRoot(proof.checkpoint))],
      ['no checkpoint', 'signature', (proof) => delete proof.checkpoint],
      [
        'nothing of what it should hold',
        'Contents',
        (proof) => Object.keys(proof).forEach((name) => delete proof[name]),
      ],
    ])('a proof with %s is NOT verified, by the check that is about it', async (_name, wrong, change) => {
      await page.route('**/proof/inclusion*', tampering(change));
      await expectLie(wrong);
    });

    test.each<[string, string, (entry: Answered) => void]>([
      ['another client', 'Contents', (entry) => (entry.user = 'somebody')],
      ['less shown', 'Contents', (entry) => (entry.revealed = [])],
      ['another outcome', 'Contents', (entry) => (entry.outcome = 'denied')],
      ['another time', 'Contents', (entry) => (entry.time = '2020-01-01T00:00:00.000Z')],
      ['another reason in words', 'Contents', (entry) => (entry.adhoc_reason = 'ticket 1')],
      ['a text left out', 'Contents', (entry) => delete entry.custom_audit],
      ['another position', 'Inclusion', (entry) => (entry.index -= 1)],
    ])('a list that tells %s is NOT verified', async (_name, wrong, change) => {
      await page.route(
        '**/audit/query',
        tampering((body) => body.entries.forEach(change)),
      );
      // The proof is that of the true entry, as a vault that lies about the list only would give it.
      const { body } = await fixture.vault.send('GET', '/api/coatcheck/1.0/audit/entries?user=support');
      const { index } = body.entries[0];
      await page.route('**/proof/inclusion*', (route) =>
        route.continue({
          url: route
            .request()
            .url()
            .replace(/index=\d+/, `index=${index}`),
        }),
      );
      await search(page, { Client: 'support' });
      await expectLie(wrong);
    });

    async function expectLie(wrong: string): Promise<void> {
      expect(await openFirst(page)).toBe('Proof: NOT verified');
      expect((await wrongSteps(page)).join('\n')).toContain(wrong);
      await page.getByRole('button', { name: 'Back to the list' }).click();
    }
  });

  test.each<[string, (note: string) => string]>([
    ['another root', otherRoot],
    [
      'another size',
      (note) =>
        note.replace(/^([^\n]*\n)(\d+)/, (_all, head: string, size: string) => `${head}${Number(size) + 1}`),
    ],
    [
      'no signature of the log',
      (note) => note.replace(/— \S+ \S+\n$/, `— other ${Buffer.alloc(68).toString('base64')}\n`),
    ],
    ['nothing', () => ''],
  ])('a checkpoint with %s is NOT verified', async (_name, change) => {
    const { page, context } = await visit(fixture, { key: null });
    await page.route('**/audit/checkpoint', async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: change(await response.text()) });
    });
    await page.getByLabel('API key or JWT of an auditor').fill(fixture.auditorKey);
    await page.getByRole('button', { name: 'Sign in' }).click();
    expect(await verdictOf(page, 'Checkpoint')).toBe('Checkpoint: NOT verified');
    await context.close();
  });

  test('a log that does not continue what this session has seen is NOT verified', async () => {
    const { page, context } = await visit(fixture);
    await fixture.vault.send('GET', '/ctl/collections');
    await fixture.vault.app.vault.checkpoints.sign();
    await page.route(
      '**/proof/consistency*',
      tampering((body) => (body.proof[0] = flip(body.proof[0]))),
    );
    await page.getByRole('button', { name: 'Check again' }).click();
    expect(await verdictOf(page, 'Checkpoint')).toBe('Checkpoint: NOT verified');
    expect((await wrongSteps(page)).join('\n')).toContain('does not continue');
    await page.unroute('**/proof/consistency*');
    await page.getByRole('button', { name: 'Check again' }).click();
    expect(await verdictOf(page, 'Checkpoint')).toBe('Checkpoint: Verified');
    await page.getByText(/continues that of \d+, seen earlier/).waitFor();
    await context.close();
  });

  test("with the auditor's own key it verifies, with a stranger's it is NOT verified, and the page says whose it was", async () => {
    const { page, context } = await visit(fixture);
    await page.getByText('a key that the vault itself lists').waitFor();
    await page.locator('summary').filter({ hasText: 'Keys to verify with' }).click();
    const use = async (keys: string): Promise<void> => {
      await page.getByLabel('Verifier keys that you keep, one on a line').fill(keys);
      await page.getByRole('button', { name: 'Use these keys' }).click();
    };
    await use(`${listedKey}\n`);
    await page.getByText('a key that you gave').waitFor();
    expect(await verdictOf(page, 'Checkpoint')).toBe('Checkpoint: Verified');

    const { publicKey } = generateKeyPairSync('ed25519');
    const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
    const stranger = formatVerifierKey({
      name: listedKey.split('+')[0]!,
      type: LOG_SIGNATURE,
      publicKey: raw,
    });
    await use(stranger);
    await page.getByText('None of the trusted keys of this log signed it.').waitFor();
    expect(await verdictOf(page, 'Checkpoint')).toBe('Checkpoint: NOT verified');

    await use('nonsense');
    await page.getByRole('alert').filter({ hasText: 'That is no verifier key.' }).waitFor();
    await context.close();
  });

  test('where the browser cannot check signatures nothing is called verified', async () => {
    const { page, context } = await visit(fixture, { key: null });
    await page.evaluate(
      `crypto.subtle.importKey = () => Promise.reject(new DOMException('', 'NotSupportedError'))`,
    );
    await page.getByLabel('API key or JWT of an auditor').fill(fixture.auditorKey);
    await page.getByRole('button', { name: 'Sign in' }).click();
    expect(await verdictOf(page, 'Checkpoint')).toBe('Checkpoint: Not checked');
    expect(await openFirst(page)).toBe('Proof: Not checked');
    await context.close();
  });

  test('a vault that refuses the proof of an entry it lists is NOT verified', async () => {
    const { page, context } = await visit(fixture);
    await page.route('**/proof/inclusion*', (route) =>
      route.fulfill({ status: 404, json: { error_code: 'PV9080', message: 'The log has no such entry.' } }),
    );
    expect(await openFirst(page)).toBe('Proof: NOT verified');
    await context.close();
  });
});

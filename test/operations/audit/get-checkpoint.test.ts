import { parseCheckpoint } from '../../../src/access-log/checkpoint.js';
import { parseNote, parseVerifierKey, signersOf } from '../../../src/access-log/note.js';
import { type TestVault, startVault } from '../../support/vault.js';
import { ask, auditorAndOther, newest, outsiders } from './support.js';

let vault: TestVault;
let keys: { auditor: string; other: string };
beforeAll(async () => {
  vault = await startVault();
  keys = await auditorAndOther(vault);
});
afterAll(() => vault.close());

describe('200', () => {
  test('a signed note whose key is the listed one, and whose reading is recorded', async () => {
    const answer = await ask(vault, 'checkpoint', { key: keys.auditor });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8']);
    const { body } = await ask(vault, 'keys');
    const key = parseVerifierKey(body.keys[0].key as string);
    expect(signersOf(parseNote(answer.text), [key])).toEqual([key]);
    expect(parseCheckpoint(answer.text).origin).toBe(body.origin);
    expect(await newest(vault, 'getCheckpoint')).toBeGreaterThan(0);
  });
});

test('403 without the capability, 401 without a key', async () => {
  expect(await outsiders(vault, keys.other, 'checkpoint')).toEqual(['403 PV1007', '401 PV1005']);
});

test('410 once the log is shorter than what was signed', async () => {
  const own = await startVault();
  try {
    await ask(own, 'checkpoint');
    const { database, checkpoints } = own.app.vault;
    await checkpoints.sign();
    await database.run({
      name: 'cut',
      text: `update access_log_head set size = 0, frontier = ''`,
      values: [],
    });
    await expect(checkpoints.sign()).rejects.toMatchObject({ code: 'PV9010' });
  } finally {
    await own.close();
  }
});

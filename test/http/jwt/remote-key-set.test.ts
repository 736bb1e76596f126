import { KeySet } from '../../../src/http/jwt/key-set.js';
import { readKeySet } from '../../../src/http/jwt/key-set.js';
import { RemoteKeySet } from '../../../src/http/jwt/remote-key-set.js';
import { ecKey } from '../../support/jwt.js';

const MINUTE = 60_000;
const set = (...kids: string[]): KeySet => readKeySet({ keys: kids.map((kid) => ecKey(kid).jwk) })!;

/** A provider whose answers and clock the test decides. */
function provider(first: KeySet | null = set('a')) {
  const p = {
    now: 0,
    fetches: 0,
    failures: 0,
    answer: first,
    hold: null as Promise<void> | null,
    remote: null as unknown as RemoteKeySet,
  };
  p.remote = new RemoteKeySet(
    async () => {
      p.fetches++;
      await p.hold;
      if (!p.answer) throw new Error('away');
      return p.answer;
    },
    () => p.failures++,
    () => p.now,
  );
  return p;
}
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('everybody who waits waits for one fetch', async () => {
  const p = provider();
  const sets = await Promise.all(Array.from({ length: 100 }, () => p.remote.current()));
  expect([p.fetches, new Set(sets).size]).toEqual([1, 1]);
});

test('it is renewed in the background after five minutes, and waited for after ten', async () => {
  const p = provider();
  const first = await p.remote.current();
  p.answer = set('b');
  p.now = 6 * MINUTE;
  expect(await p.remote.current()).toBe(first);
  await settled();
  expect(await p.remote.current()).toBe(p.answer);
  p.answer = set('c');
  p.now = 17 * MINUTE;
  expect(await p.remote.current()).toBe(p.answer);
  expect(p.fetches).toBe(3);
});

test('a flood of unknown key ids costs one fetch in thirty seconds', async () => {
  const p = provider();
  await p.remote.current();
  for (let second = 0; second < 120; second++) {
    p.now = second * 1_000;
    await Promise.all(Array.from({ length: 20 }, (_, i) => p.remote.renewedFor('ES256', `unknown${i}`)));
  }
  expect(p.fetches).toBe(1 + 3);
});

test('a key the provider has begun to use is there after one fetch', async () => {
  const p = provider();
  await p.remote.current();
  p.answer = set('a', 'b');
  p.now = 31_000;
  expect((await p.remote.renewedFor('ES256', 'b')).find('ES256', 'b')).not.toBeNull();
});

test('a known key id never fetches', async () => {
  const p = provider();
  await p.remote.current();
  p.now = MINUTE;
  await p.remote.renewedFor('ES256', 'a');
  expect(p.fetches).toBe(1);
});

test('while the provider is away its last set goes on, for an hour past its ten minutes, and no longer', async () => {
  const p = provider();
  const first = await p.remote.current();
  p.answer = null;
  for (const minute of [11, 12, 40, 69]) {
    p.now = minute * MINUTE;
    expect(await p.remote.current()).toBe(first);
  }
  p.now = 71 * MINUTE;
  await expect(p.remote.current()).rejects.toMatchObject({ code: 'PV9064' });
  expect(p.failures).toBe(5);
});

test('nobody waits for a provider that hangs while there is a set that holds', async () => {
  const p = provider();
  const first = await p.remote.current();
  let release = (): void => undefined;
  p.hold = new Promise((resolve) => (release = resolve));
  p.now = 6 * MINUTE;
  expect(await p.remote.current()).toBe(first);
  release();
});

test('without any set it is asked for again every five seconds, and the error says so', async () => {
  const p = provider(null);
  for (const second of [0, 1, 4, 6, 12]) {
    p.now = second * 1_000;
    await expect(p.remote.current()).rejects.toMatchObject({ code: 'PV9064' });
  }
  expect(p.fetches).toBe(3);
});

test('a set that has become empty is believed: the keys were called back', async () => {
  const p = provider();
  await p.remote.current();
  p.answer = new KeySet([]);
  p.now = 11 * MINUTE;
  expect((await p.remote.current()).size).toBe(0);
});

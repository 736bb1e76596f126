import fc from 'fast-check';
import type { Decision } from '../../src/idp/event.js';
import { type LoginRules, handleLogin } from '../../src/idp/login.js';
import { ModelUser, ModelVault, idOf } from './model.js';

/*
 * What must hold whatever the order in which logins of one person take their steps, and wherever a process dies. The vault here is a model whose
 * steps can be put in any order; that the real one keeps its side is in test/operations/idp.
 */

const PROPERTIES = ['ssn', 'phone', 'address'];
const RULES: LoginRules = {
  map: { custom: new Map(), standard: new Map(), ignore: [] },
  keep: [],
  conflict: new Map(),
  quarantine: undefined,
  claim: undefined,
  profile: { required: ['ssn', 'phone'], claim: 'complete' },
};

class Died extends Error {}

interface Run {
  /** The step at which the process dies; past the last one it lives. */
  readonly diesAt: number;
  /** Values that the provider gets (an app or a federated connection writes them) before the login. */
  readonly fills: Readonly<Record<string, string>>;
}

const run = fc.record({
  diesAt: fc.integer({ min: 0, max: 6 }),
  fills: fc.dictionary(fc.constantFrom(...PROPERTIES), fc.constantFrom('a', 'b'), { maxKeys: 2 }),
});

/** One login: read the user, ask the vault, one update at the provider. A death is thrown away: nobody is left to see it. */
async function login(
  vault: ModelVault,
  user: ModelUser,
  { diesAt, fills }: Run,
  turn: () => Promise<void>,
): Promise<Decision | null> {
  let steps = 0;
  const step = async (): Promise<void> => {
    await turn();
    if (steps++ === diesAt) throw new Died();
  };
  try {
    Object.assign(user.metadata, fills);
    const seen = { ...user.metadata };
    const event = user.event('ada');
    const decision = await handleLogin(vault.port('ada', PROPERTIES, step, 'db'), event, RULES);
    // Nothing is taken away but by an erasure, so what was complete once stays so.
    if (decision.profile?.complete && !vault.erased.has('ada')) expect(isComplete(vault)).toBe(true);
    await step();
    user.carryOut(decision, seen);
    return decision;
  } catch (error) {
    if (!(error instanceof Died)) throw error;
    return null;
  }
}

/** What the vault itself would say. */
function isComplete(vault: ModelVault): boolean {
  const values = vault.objects.get(idOf('ada'))?.values;
  return RULES.profile!.required.every((property) => values?.has(property) ?? false);
}

const ALIVE: Run = { diesAt: Infinity, fills: {} };
const now = async (): Promise<void> => undefined;

test('any interleaving, a death at any step: one object, and a value is never in neither place', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(run, { minLength: 1, maxLength: 5 }),
      fc.dictionary(fc.constantFrom(...PROPERTIES), fc.constantFrom('a', 'b'), { minKeys: 1 }),
      async (scheduler, runs, first) => {
        const [vault, user] = [new ModelVault(), new ModelUser()];
        const given = new Set(Object.keys(first));
        Object.assign(user.metadata, first);
        const inOneOf = (property: string): boolean =>
          property in user.metadata || (vault.objects.get(idOf('ada'))?.values.has(property) ?? false);

        const turn = async (): Promise<void> => {
          await scheduler.schedule(Promise.resolve());
          // Looked at whenever anybody takes a step.
          for (const property of given) expect(inOneOf(property)).toBe(true);
        };
        const all = runs.map((each) => {
          Object.keys(each.fills).forEach((property) => given.add(property));
          return login(vault, user, each, turn);
        });
        await scheduler.waitFor(Promise.all(all));
        for (const property of given) expect(inOneOf(property)).toBe(true);
        expect(vault.created).toBeLessThanOrEqual(1);

        // Whatever died on the way, the next login repairs.
        await login(vault, user, ALIVE, now);
        expect(vault.created).toBe(1);
        expect(user.metadata).toEqual({ pii_object_id: idOf('ada') });
        expect([...vault.objects.get(idOf('ada'))!.values.keys()].sort()).toEqual([...given].sort());
      },
    ),
    { numRuns: 500 },
  );
});

test('twice equals once: a login that follows another changes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(fc.constantFrom(...PROPERTIES), fc.constantFrom('a', 'b', ''), { minKeys: 1 }),
      async (metadata) => {
        const [vault, user] = [new ModelVault(), new ModelUser()];
        user.metadata = { ...metadata };
        await login(vault, user, ALIVE, now);
        const before = structuredClone([...vault.objects]);
        const metadataBefore = { ...user.metadata };
        await login(vault, user, ALIVE, now);
        expect([...vault.objects]).toEqual(before);
        expect(user.metadata).toEqual(metadataBefore);
      },
    ),
    { numRuns: 200 },
  );
});

test('a profile is said to be complete exactly where the vault has all it needs after the login', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(run, { minLength: 1, maxLength: 5 }), fc.boolean(), async (runs, erases) => {
      const [vault, user] = [new ModelVault(), new ModelUser()];
      for (const each of runs) {
        const decision = await login(vault, user, each, now);
        if (decision) expect(decision.profile).toEqual({ claim: 'complete', complete: isComplete(vault) });
      }
      if (!erases) return;
      vault.erase('ada');
      expect(await login(vault, user, ALIVE, now)).not.toHaveProperty('profile');
    }),
    { numRuns: 300 },
  );
});

test('who was erased is never made again, whatever was under way and whatever comes', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(run, { minLength: 1, maxLength: 4 }),
      fc.boolean(),
      async (scheduler, runs, knownBefore) => {
        const [vault, user] = [new ModelVault(), new ModelUser()];
        user.metadata = { ssn: 'a' };
        if (knownBefore) await login(vault, user, ALIVE, now);
        const turn = (): Promise<void> => scheduler.schedule(Promise.resolve());
        const erasing = turn().then(() => vault.erase('ada'));
        await scheduler.waitFor(
          Promise.all([erasing, ...runs.map((each) => login(vault, user, each, turn))]),
        );
        Object.assign(user.metadata, { ssn: 'back again' });
        await login(vault, user, ALIVE, now);
        expect(vault.objects.size).toBe(0);
        expect(user.metadata).not.toHaveProperty('ssn');
      },
    ),
    { numRuns: 300 },
  );
});

test('no value is in a decision, whatever the attributes are called and hold', async () => {
  const value = fc.constantFrom(
    '612-58-3947',
    'ada@canary.example',
    '4929123412341232',
    '+12025550187',
    'DE89370400440532013000',
  );
  const key = fc.oneof(fc.constantFrom(...PROPERTIES, 'passport', 'theme', 'backup_mail'), value);
  await fc.assert(
    fc.asyncProperty(fc.dictionary(key, value), async (metadata) => {
      const [vault, user] = [new ModelVault(), new ModelUser()];
      user.metadata = metadata;
      const port = vault.port('ada', PROPERTIES, now, 'db');
      const text = JSON.stringify(await handleLogin(port, user.event('ada'), RULES));
      for (const held of Object.values(metadata)) expect(text).not.toContain(held);
      for (const name of Object.keys(metadata)) if (/\d|@/.test(name)) expect(text).not.toContain(name);
    }),
    { numRuns: 300 },
  );
});

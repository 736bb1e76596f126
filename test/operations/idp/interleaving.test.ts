import { webcrypto } from 'node:crypto';
import fc from 'fast-check';
import { auth0 } from '../../../src/idp/adapters/auth0.js';
import { CircuitBreaker } from '../../../src/idp/bundles/circuit-breaker.js';
import { loginDirectly } from '../../../src/idp/bundles/direct.js';
import { VaultClient } from '../../../src/idp/bundles/vault-client.js';
import type { Decision } from '../../../src/idp/event.js';
import { keyOf, setIam } from '../../support/iam.js';
import { type TestVault, startVault } from '../../support/vault.js';
import { ModelUser } from '../../idp/model.js';
import { type Keys, LOGIN, behind, iam, loginOf, objectsNow, stored, withHook } from './support.js';

/* The real vault under logins of one person at the same time, each of which may die before its answer is heard or before it is carried out. */

const VALUES = { ssn: ['612-58-3947', '613-58-3948'], phone: ['+12025550187', '+12025550188'] };

let vault: TestVault;
let keys: Keys;
let persons = 0;

beforeAll(async () => {
  vault = await startVault();
  keys = await withHook(vault);
});
afterAll(() => vault.close());

const fills = fc.record(
  { ssn: fc.constantFrom(...VALUES.ssn), phone: fc.constantFrom(...VALUES.phone) },
  { requiredKeys: [] },
);
const run = fc.record({ fills, dies: fc.boolean(), delay: fc.integer({ min: 0, max: 8 }) });

test('whatever dies and whoever is first: one object, a value never in neither place, in the end only in the vault', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(run, { minLength: 2, maxLength: 5 }), async (runs) => {
      const person = `person ${persons++}`;
      const user = new ModelUser();
      user.metadata = { ssn: VALUES.ssn[0]! };
      const before = await objectsNow(vault);
      const given = new Set(['ssn', ...runs.flatMap((each) => Object.keys(each.fills))]);

      const login = async (dies: boolean): Promise<string | undefined> => {
        const seen = { ...user.metadata };
        const { status, body } = await vault.send('POST', LOGIN, {
          json: loginOf(person, seen),
          key: keys.hook,
        });
        expect(status).toBe(200);
        if (!dies) user.carryOut(body as Decision, seen);
        return (body as Decision).token;
      };
      const tokens = await Promise.all(
        runs.map(async ({ fills: more, dies, delay }) => {
          await new Promise((resolve) => setTimeout(resolve, delay));
          Object.assign(user.metadata, more);
          return login(dies);
        }),
      );
      for (const token of tokens) expect(await behind(vault, token)).toHaveProperty('ssn');
      await login(false);

      expect(await objectsNow(vault)).toBe(before + 1);
      expect(Object.keys(user.metadata)).toEqual(['pii_object_id']);
      const kept = await stored(vault, user.metadata.pii_object_id!);
      expect(Object.keys(kept).sort()).toEqual([...given].sort());
    }),
    { numRuns: 25 },
  );
}, 60_000);

const DIRECT = `
[users.direct]
role = "direct"
[roles.direct]
capabilities = ["CapObjectsCreator", "CapObjectsUpdater", "CapTokensWriter"]
policies = ["store"]
`;

/** A client whose process dies at one of its requests: before the vault hears of it, or before it hears from the vault. */
class Mortal extends VaultClient {
  readonly #death: { readonly at: number; readonly heard: boolean };
  #sent = 0;
  dead = false;

  constructor(apiKey: string, death: { readonly at: number; readonly heard: boolean }) {
    super({ url: vault.url, apiKey }, new CircuitBreaker());
    this.#death = death;
  }

  override async send(...request: Parameters<VaultClient['send']>): Promise<unknown> {
    const isLast = this.#sent++ === this.#death.at;
    this.dead ||= isLast;
    const answer = this.dead && !this.#death.heard ? undefined : await super.send(...request);
    if (this.dead) throw new Error('nobody is there any more');
    return answer;
  }
}

test('in direct mode too, at whichever request a process dies', async () => {
  await setIam(vault, iam() + DIRECT);
  const key = await keyOf(vault, 'direct');
  const settings = { linkSecret: 'of the tenant', collection: 'users', map: null, tokenSeconds: 60 };
  const properties = new Map(Object.entries({ ssn: 'SSN', phone: 'PHONE_NUMBER' }));
  const death = fc.record({ at: fc.integer({ min: 0, max: 4 }), heard: fc.boolean() });

  await fc.assert(
    fc.asyncProperty(fc.array(fc.record({ fills, death }), { minLength: 1, maxLength: 3 }), async (runs) => {
      const person = `direct ${persons++}`;
      const user = new ModelUser();
      user.metadata = { ssn: VALUES.ssn[0]! };
      const before = await objectsNow(vault);
      const given = new Set(['ssn', ...runs.flatMap((each) => Object.keys(each.fills))]);

      const login = async (client: Mortal): Promise<void> => {
        const seen = { ...user.metadata };
        const event = user.event(person);
        const how = { settings, adapter: auth0, properties, keepsLink: true, crypto: webcrypto };
        const decision = await loginDirectly({ client, event, ...how }).catch(() => null);
        if (decision && !client.dead) user.carryOut(decision, seen);
      };
      await Promise.all(
        runs.map((each) => {
          Object.assign(user.metadata, each.fills);
          return login(new Mortal(key, each.death));
        }),
      );
      await login(new Mortal(key, { at: Infinity, heard: false }));

      expect(await objectsNow(vault)).toBe(before + 1);
      expect(Object.keys(user.metadata)).toEqual(['pii_object_id']);
      const kept = await stored(vault, user.metadata.pii_object_id!);
      expect(Object.keys(kept).sort()).toEqual([...given].sort());
    }),
    { numRuns: 25 },
  );
}, 60_000);

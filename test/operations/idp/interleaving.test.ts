import fc from 'fast-check';
import type { Decision } from '../../../src/idp/event.js';
import { type TestVault, startVault } from '../../support/vault.js';
import { ModelUser } from '../../idp/model.js';
import { type Keys, LOGIN, behind, loginOf, objectsNow, stored, withHook } from './support.js';

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

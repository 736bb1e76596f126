import fc from 'fast-check';
import { type BuiltinTypeName, DATA_TYPES } from '../../src/data-types/index.js';
import { transformationsOf } from '../../src/masks/index.js';
import { acceptedBy } from '../data-types/samples.js';
import { addCollection, addObject } from '../support/steps.js';
import { type Answer, type TestVault, startVault } from '../support/vault.js';

const TYPES = Object.keys(DATA_TYPES) as BuiltinTypeName[];
const LIMITS = { maxStringLength: 450, maxBlobLength: 5_242_880, checkLuhn: true };
const SAMPLES = 6;
let vault: TestVault;

beforeAll(async () => {
  vault = await startVault();
  for (const type of TYPES) {
    const index = DATA_TYPES[type].indexable ? 'INDEX' : '';
    await addCollection(vault, `c_${type} DATA ( plain ${type} NULL, indexed ${type} ${index} NULL );`);
  }
});
afterAll(() => vault.close());

test.each(TYPES)(
  '%s: what is stored, searched for, exchanged and masked is the normal form',
  async (type) => {
    const at = `/data/collections/c_${type}`;
    const post = (path: string, json: unknown): Promise<Answer> => vault.send('POST', at + path, { json });
    const transformations = transformationsOf(type).map((name) => `plain.${name}`);

    for (const value of fc.sample(acceptedBy(type), { numRuns: SAMPLES, seed: 7 })) {
      const normalised = DATA_TYPES[type].normalise(value, LIMITS);
      if (!normalised.ok) throw new Error(normalised.reason);
      const fields = { plain: normalised.value, indexed: normalised.value };
      const id = await addObject(vault, { plain: value, indexed: value }, { collection: `c_${type}` });
      expect((await vault.send('GET', `${at}/objects/${id}?props=plain,indexed`)).body).toEqual(fields);

      for (const match of [
        { plain: value },
        { indexed: value },
        { plain: normalised.value, indexed: value },
      ]) {
        const { body } = await post('/query/objects?props=id&page_size=1000', { match });
        expect(body.results).toContainEqual({ id });
      }

      const tokens = await post('/tokens', [
        { type: 'randomized', object: { fields: { plain: value, indexed: value } } },
        { type: 'pointer', object: { id } },
      ]);
      const ids = tokens.body.map(({ token_id }: { token_id: string }) => token_id);
      const shown = await vault.send('GET', `${at}/tokens?token_ids=${ids.join(',')}`);
      expect(shown.body).toEqual(ids.map((token_id: string) => ({ token_id, fields })));

      const masked = await vault.send('GET', `${at}/objects/${id}?props=${transformations.join(',')}`);
      expect(Object.keys(masked.body).sort()).toEqual([...transformations].sort());
    }
  },
);

import { type ContractOperation, type JsonSchema, contract } from '../../src/generated/contract.js';
import { allowAnyError } from '../support/answer-contract.js';
import { addCollection } from '../support/steps.js';
import { type Sent, type TestVault, startVault } from '../support/vault.js';
import { sample, sampleRequest } from './sample-request.js';

/*
 * Whatever stands in the place of a parameter or of a part of a body, the answer is one of the contract (test/support checks each), and never
 * a fault of ours.
 */

const JSON_TYPE = 'application/json';
const LONG = 'x'.repeat(10_000);
const TEXTS = [
  '',
  ' ',
  '0',
  '-1',
  '1e400',
  'NaN',
  'null',
  'a,,b',
  ',',
  '../..',
  "'; --",
  '\ud83d\ude00',
  'e\u0301',
  '\ufeff',
  LONG,
];
const VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  Number.MAX_SAFE_INTEGER,
  1e300,
  ...TEXTS,
  '\ud800',
  '\0',
  [],
  [null],
  [[]],
  {},
  { constructor: 1 },
  { a: { b: [] } },
  Array.from({ length: 1_001 }, () => 'a'),
];
/** Each place gets some of the values, each operation others: all of them everywhere would take minutes. */
const SHARE = 3;

/** Its only answer is a fault. */
const LEFT_OUT = new Set(['triggerError']);
/** They would take away what the others work on. */
const WITHOUT_COLLECTION = new Set(['deleteCollection', 'deleteCollectionProperty']);

const rows = Object.values(contract.operations)
  .filter(({ operationId }) => !LEFT_OUT.has(operationId))
  .map((operation, i): [string, ContractOperation, number] => [operation.operationId, operation, i]);

let vault: TestVault;
beforeAll(async () => {
  allowAnyError();
  vault = await startVault();
  await addCollection(vault);
});
afterAll(() => vault.close());

test.each(rows)('%s: no value anywhere is a fault', async (id, operation, start) => {
  const faults: string[] = [];
  const ask = async (target: string, sent: Sent, what: string): Promise<void> => {
    const { status } = await vault.send(operation.method, target, sent);
    // 501 is an answer, too.
    if (status === 500 || status === 503) faults.push(`${status}: ${what}`);
  };
  const path: Record<string, string> = WITHOUT_COLLECTION.has(id) ? {} : { collection: 'users' };
  let next = start;
  const some = <T>(values: readonly T[]): T[] =>
    Array.from({ length: SHARE }, () => values[next++ % values.length]!);

  for (const name of Object.keys(operation.parameters.query.properties)) {
    for (const value of some(TEXTS)) {
      const { target, sent } = sampleRequest(operation, { path, query: { [name]: value } });
      await ask(target, sent, `${name}=${value.slice(0, 20)}`);
    }
  }
  for (const name of Object.keys(operation.parameters.path.properties)) {
    for (const value of some(TEXTS)) {
      const { target, sent } = sampleRequest(operation, {
        path: { ...path, [name]: encodeURIComponent(value) },
      });
      await ask(target, sent, `{${name}}=${value.slice(0, 20)}`);
    }
  }
  const schema = operation.requestBody?.content[JSON_TYPE];
  if (schema) {
    const { target } = sampleRequest(operation, { path });
    const whole = wholeSample(schema);
    for (const place of placesIn(whole)) {
      for (const value of some(VALUES)) {
        const shown = `${place.join('/')} = ${JSON.stringify(value).slice(0, 20)}`;
        await ask(target, { json: replaced(whole, place, value) }, shown);
      }
    }
  }
  expect(faults).toEqual([]);
});

type Place = readonly (string | number)[];

/** Every place in a value, the whole of it first. */
function placesIn(value: unknown, place: Place = []): Place[] {
  if (typeof value !== 'object' || value === null) return [place];
  return [place, ...Object.entries(value).flatMap(([name, inner]) => placesIn(inner, [...place, name]))];
}

/** A value with another in one place. */
function replaced(value: unknown, [name, ...rest]: Place, by: unknown): unknown {
  if (name === undefined) return by;
  if (Array.isArray(value))
    return value.map((item, i) => (String(i) === name ? replaced(item, rest, by) : item));
  const members = value as Record<string, unknown>;
  return { ...members, [name]: replaced(members[name], rest, by) };
}

/** Something with every member that a schema names, and one item in every list. */
function wholeSample(schema: JsonSchema, depth = 0): unknown {
  const {
    $ref: ref,
    oneOf,
    type,
    properties,
    items,
  } = schema as {
    $ref?: string;
    oneOf?: JsonSchema[];
    type?: string | string[];
    properties?: Record<string, JsonSchema>;
    items?: JsonSchema;
  };
  if (ref !== undefined) return wholeSample(contract.definitions.$defs[ref.split('/').at(-1)!]!, depth);
  if (oneOf) return wholeSample(oneOf.at(-1)!, depth);
  if (items && depth < 6) return [wholeSample(items, depth + 1)];
  if ([type].flat()[0] !== 'object' || !properties || depth > 6) return sample(schema);
  return Object.fromEntries(
    Object.entries(properties).map(([name, inner]) => [name, wholeSample(inner, depth + 1)]),
  );
}

import fc from 'fast-check';
import { type Entry, decodeEntry } from '../../../src/access-log/entry.js';
import { readLogHead } from '../../../src/store/access-log/append.js';
import { readLog } from '../../../src/store/access-log/read.js';
import { type Client, setClients } from '../../support/iam.js';
import { NOWHERE, addCollection, addObject } from '../../support/steps.js';
import { type TestVault, startVault } from '../../support/vault.js';

/** One request of a client; everything that could get mixed up with somebody else's. */
interface Request {
  readonly client: string;
  readonly tenant: string | null;
  readonly collection: string;
  /** Behind the collection's path. */
  readonly path: string;
  /** The body of a search. */
  readonly json?: unknown;
}

/** What came of a request, and what the log says of it; without what is another each time. */
interface Outcome {
  readonly status: number;
  readonly body: unknown;
  readonly entries: readonly Partial<Entry>[];
}

const FIELDS = ['name', 'ssn', 'email'];
const COLLECTIONS = ['users', 'others'];

/** What its role lets each see: all, the SSN masked, only the name, nothing though it may ask, and not even ask. */
const CLIENTS: Client[] = [
  { name: 'billing', sees: FIELDS },
  {
    name: 'support',
    sees: ['name', 'ssn.mask', 'email'],
    masks: { 'users/ssn': 'mask', 'others/ssn': 'mask' },
  },
  { name: 'marketing', sees: ['name'] },
  { name: 'stranger', sees: [] },
  { name: 'clerk', sees: FIELDS, capabilities: [] },
].map(
  ({ name, sees, masks, capabilities = ['CapDataReader', 'CapDataSearcher', 'CapTokensDetokenizer'] }) => ({
    name,
    capabilities,
    ...(masks && { masks }),
    allow: COLLECTIONS.map((collection) => ({
      operations: ['read', 'search', 'detokenize'],
      resources: sees.map((property) => `${collection}/properties/${property}`),
    })).filter(({ resources }) => resources.length > 0),
  }),
);

let vault: TestVault;
let keys: Record<string, string>;
let requests: fc.Arbitrary<Request>;

beforeAll(async () => {
  vault = await startVault();
  for (const collection of COLLECTIONS) {
    await addCollection(vault, `${collection} PERSONS ( name NAME, ssn SSN, email EMAIL INDEX );`);
  }
  const paths = Object.fromEntries(
    await Promise.all(
      COLLECTIONS.map(async (collection, i) => [collection, await pathsOf(collection, i)] as const),
    ),
  );
  keys = await setClients(vault, CLIENTS);
  requests = fc.constantFrom(...COLLECTIONS).chain((collection) =>
    fc
      .record({
        client: fc.constantFrom(...CLIENTS.map(({ name }) => name)),
        tenant: fc.constantFrom(null, 'a', 'b'),
        collection: fc.constant(collection),
        what: fc.constantFrom(...paths[collection]!),
      })
      .map(({ what, ...who }) => ({ ...who, ...what })),
  );
}, 60_000);
afterAll(() => vault.close());

/** Gets, searches and detokenizations of what is there, of one tenant, of another's, of nobody's, and of what is not there. */
async function pathsOf(collection: string, nth: number): Promise<Pick<Request, 'path' | 'json'>[]> {
  const objects: string[] = [];
  const tokens: string[] = [];
  for (const [i, tenant] of ['a', 'a', 'b', null].entries()) {
    const headers = { ...(tenant !== null && { 'x-tenant-id': tenant }) };
    const json = { name: `Name ${nth}${i}`, ssn: `123-1${nth}-123${i}`, email: `p${i % 3}@b.co` };
    const object = await addObject(vault, json, { collection, headers });
    objects.push(object);
    for (const type of ['randomized', 'pointer']) {
      const body = [{ type, object: { id: object }, props: FIELDS }];
      const path = `/data/collections/${collection}/tokens`;
      const made = (await vault.send('POST', path, { json: body, headers })).body as [{ token_id: string }];
      tokens.push(made[0].token_id);
    }
  }
  const props = FIELDS.map((name) => `props=${name}`).join('&');
  // The same values in both collections; one of them belongs to two objects.
  const searches = ['p0@b.co', 'p1@b.co', 'nobody@b.co'].map((email) => ({
    path: `query/objects?${props}`,
    json: { match: { email } },
  }));
  const paths = [
    ...[...objects, NOWHERE].flatMap((id) => [`objects/${id}?${props}`, `objects/${id}?props=name`]),
    ...[...tokens, NOWHERE].flatMap((id) => [`tokens?token_ids=${id}`, `tokens?token_ids=${id}&props=name`]),
    `tokens?token_ids=${tokens.slice(0, 3).join(',')}`,
    `tokens?token_ids=${tokens.join(',')}&props=name`,
    'objects/no-id?unknown=1',
    'tokens?unknown=1',
  ];
  return [...paths.map((path) => ({ path })), ...searches, ...searches, ...searches];
}

/** Sends requests so many milliseconds after each other and collects what came of each. */
async function ask(asked: readonly { request: Request; after: number }[]): Promise<Outcome[]> {
  const { size } = await readLogHead(vault.app.vault.database);
  const answers = await Promise.all(
    asked.map(async ({ request: { client, tenant, collection, path, json }, after }) => {
      await new Promise((resolve) => setTimeout(resolve, after));
      const answer = await fetch(`${vault.url}/api/pvlt/1.0/data/collections/${collection}/${path}`, {
        ...(json !== undefined && { method: 'POST', body: JSON.stringify(json) }),
        headers: {
          authorization: `Bearer ${keys[client]}`,
          ...(json !== undefined && { 'content-type': 'application/json' }),
          ...(tenant !== null && { 'x-tenant-id': tenant }),
        },
      });
      return {
        id: answer.headers.get('x-request-id'),
        status: answer.status,
        body: await answer.json(),
      };
    }),
  );
  const entries = (await readLog(vault.app.vault.database, size, 10_000)).map(({ bytes }) =>
    decodeEntry(bytes),
  );
  expect(entries.every(({ request_id: id }) => answers.some((answer) => answer.id === id))).toBe(true);
  return answers.map(({ id, status, body }) => ({
    status,
    body,
    entries: entries.filter((entry) => entry.request_id === id).map(lasting),
  }));
}

/** An entry without what is another one each time. */
function lasting({ time: _time, request_id: _id, refers, ...rest }: Entry): Partial<Entry> {
  return { ...rest, ...(refers !== undefined && { refers: 0 }) };
}

test('any interleaving of gets, searches and detokenizations of several clients answers and records what each would alone', async () => {
  const alone = new Map<string, Outcome>();
  const statuses = new Set<number>();
  const together = fc.array(fc.record({ request: requests, after: fc.nat(3) }), {
    minLength: 8,
    maxLength: 40,
  });

  await fc.assert(
    fc.asyncProperty(together, async (asked) => {
      for (const { request } of asked) {
        const name = JSON.stringify(request);
        if (!alone.has(name)) alone.set(name, (await ask([{ request, after: 0 }]))[0]!);
      }
      const expected = asked.map(({ request }) => alone.get(JSON.stringify(request))!);
      expect(await ask(asked)).toEqual(expected);
      for (const { status, entries } of expected) {
        statuses.add(status);
        expect(entries.length).toBeGreaterThan(0);
      }
    }),
    { numRuns: 20, endOnFailure: true },
  );
  // Otherwise nothing was there to be mixed up.
  expect([...statuses].sort()).toEqual([200, 400, 403, 404]);
}, 120_000);

import fc from 'fast-check';
import { setClients } from '../../support/iam.js';
import { slowLike } from '../../support/slow-like.js';
import { addCollection, addObject, refusal, refused, sql } from '../../support/steps.js';
import { type Answer, type Sent, type TestVault, startVault } from '../../support/vault.js';

let vault: TestVault;
const SCHEMA = `texts PERSONS ( label STRING NULL, name NAME SUBSTRING_INDEX NULL, body LONG_TEXT SUBSTRING_INDEX NULL,
  mail EMAIL SUBSTRING_INDEX INDEX NULL, plain STRING NULL, gone STRING SUBSTRING_INDEX NULL );`;
const search = (json: unknown, query = '?props=label', sent: Sent = {}): Promise<Answer> =>
  vault.send('POST', `/data/collections/texts/query/objects${query}`, { json, ...sent });
const found = async (json: unknown, query?: string): Promise<string[]> =>
  ((await search(json, query)).body.results as { label: string }[]).map(({ label }) => label).sort();
const add = (json: object): Promise<string> => addObject(vault, json, { collection: 'texts' });
const rows = async (id?: string): Promise<{ property_id: number; filter: Buffer | null }[]> =>
  (await sql(
    vault,
    `select property_id, filter from substring_index ${id ? `where object_id = '${id}'` : ''} order by property_id`,
  )) as never;

beforeAll(async () => {
  vault = await startVault({ COATCHECK_DB_MAX_BLOB_LENGTH: '5000000' });
  await addCollection(vault, SCHEMA);
  await add({ label: 'ann', name: 'Ann Müller', mail: 'ann@example.com', body: 'one two three' });
  await add({ label: 'bob', name: 'Bob Miller', mail: 'bob@example.org', body: 'four *five* six?' });
  await add({ label: 'cid', name: 'Cid', mail: 'cid@example.com' });
  await add({ label: 'dot', name: '\u{1F600}\u{1F601}\u{1F602}', body: 'back\\slash' });
  await add({ label: 'eve' });
});
afterAll(() => vault.close());

describe('200', () => {
  test.each<[string, object, string[]]>([
    ['a part', { like: { name: '*ller*' } }, ['ann', 'bob']],
    ['a beginning', { like: { name: 'Ann*' } }, ['ann']],
    ['an end', { like: { mail: '*.com' } }, ['ann', 'cid']],
    ['only the whole text', { like: { name: 'ller' } }, []],
    ['one character', { like: { name: 'Bob M?ller' } }, ['bob']],
    ['case as it is', { like: { name: '*miller*' } }, []],
    ['a composed character as decomposed', { like: { name: '*Mu\u0308ller' } }, ['ann']],
    ['characters beyond the first plane', { like: { name: '\u{1F600}?\u{1F602}' } }, ['dot']],
    ['three of them', { like: { name: '*\u{1F600}\u{1F601}\u{1F602}*' } }, ['dot']],
    ['an escaped star', { like: { body: '*\\*five\\**' } }, ['bob']],
    ['an escaped question mark', { like: { body: '*six\\?' } }, ['bob']],
    ['an escaped backslash', { like: { body: 'back\\\\slash' } }, ['dot']],
    ['a pattern too short for the index', { like: { name: 'C?d' } }, ['cid']],
    ['everything that has a value', { like: { name: '*' } }, ['ann', 'bob', 'cid', 'dot']],
    ['nothing', { like: { name: '*nobody*' } }, []],
    ['two patterns, both', { like: { name: '*ller*', mail: '*.org' } }, ['bob']],
    ['with match on an index', { like: { name: '*ller*' }, match: { mail: 'ann@example.com' } }, ['ann']],
    ['with match without one', { like: { name: '*ller*' }, match: { label: 'bob' } }, ['bob']],
    ['with in', { like: { mail: '*example*' }, in: { label: ['cid', 'bob', 'eve'] } }, ['bob', 'cid']],
    [
      'with match and in',
      { like: { mail: '*com' }, match: { name: 'Cid' }, in: { label: ['cid'] } },
      ['cid'],
    ],
    ['and the condition that fails', { like: { name: '*ller*' }, match: { label: 'cid' } }, []],
  ])('finds %s', async (_, query, expected) => expect(await found(query)).toEqual(expected));

  test('what is changed, cleared, archived or deleted is found as it is now, at once', async () => {
    const id = await add({ label: 'x', name: 'before the change' });
    const update = (json: object, query = ''): Promise<Answer> =>
      vault.send('PATCH', `/data/collections/texts/objects/${id}${query}`, { json });
    expect(await found({ like: { name: '*before*' } })).toEqual(['x']);
    await update({ name: 'after it' });
    expect(await found({ like: { name: '*before*' } })).toEqual([]);
    expect(await found({ like: { name: '*after*' } })).toEqual(['x']);
    await update({ label: 'y' });
    expect(await found({ like: { name: '*after*' } })).toEqual(['y']);
    await update({ name: null });
    expect(await rows(id)).toEqual([]);
    await update({ name: 'last one' }, '?expiration_secs=0');
    expect(await found({ like: { name: '*last*' } })).toEqual([]);
    expect(await found({ like: { name: '*last*' } }, '?props=label&options=archived')).toEqual(['y']);
    expect(await rows(id)).toHaveLength(1);
    await vault.send('DELETE', `/data/collections/texts/objects/${id}?options=archived`);
    expect(await rows(id)).toEqual([]);
  });

  test('pages join up', async () => {
    for (let i = 0; i < 7; i++) await add({ label: `page ${i}`, name: `paged number ${i}` });
    const seen: string[] = [];
    for (let cursor = ''; ;) {
      const query = `?props=label&page_size=3&cursor=${encodeURIComponent(cursor)}`;
      const { results, paging } = (await search({ like: { name: 'paged*' } }, query)).body;
      seen.push(...results.map(({ label }: { label: string }) => label));
      expect(paging.remaining_count).toBe(7 - seen.length);
      if ((cursor = paging.cursor) === '') break;
    }
    expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6].map((i) => `page ${i}`));
  });

  test('finds what an obviously correct glob finds', async () => {
    await addCollection(vault, 'random DATA ( text LONG_TEXT SUBSTRING_INDEX NULL );');
    const letters = fc.constantFrom(
      'a',
      'b',
      'c',
      'ab',
      'bc',
      '*',
      '?',
      '\\',
      'e\u0301',
      '\u00e9',
      '\u{1F600}',
    );
    const text = fc.array(letters, { maxLength: 30 }).map((parts) => parts.join(''));
    const values = fc.sample(text, 60);
    const ids = new Map<string, string>();
    for (const value of values)
      ids.set(await addObject(vault, { text: value }, { collection: 'random' }), value);

    const part = fc.constantFrom(
      '*',
      '**',
      '?',
      'abc',
      'bca',
      'aab',
      'ab',
      '\\*',
      '\\?',
      '\\\\',
      '\u00e9',
      '\u{1F600}',
      'c',
    );
    const pieces = fc.tuple(fc.constantFrom(...values), fc.nat(20), fc.nat(6));
    const patterns = fc.oneof(
      fc.array(part, { maxLength: 6 }).map((parts) => parts.join('')),
      pieces.map(
        ([value, at, length]) =>
          `*${[...value]
            .slice(at, at + length)
            .join('')
            .replace(/[*?\\]/g, '\\$&')}*`,
      ),
    );
    await fc.assert(
      fc.asyncProperty(patterns, async (pattern) => {
        const { body } = await vault.send('POST', '/data/collections/random/query/objects?props=id', {
          json: { like: { text: pattern } },
        });
        const expected = [...ids].filter(([, value]) => slowLike(pattern, value)).map(([id]) => id);
        expect(body.results.map(({ id }: { id: string }) => id).sort()).toEqual(expected.sort());
      }),
      { numRuns: 150 },
    );
  });
});

describe('the index', () => {
  test('is one row a value, of a size that hides the length, and shows no equality', async () => {
    const [a, b, c] = [
      await add({ name: 'Same Name' }),
      await add({ name: 'Same Name' }),
      await add({ name: 'Another one, of quite another length' }),
    ];
    const filters = [...(await rows(a)), ...(await rows(b)), ...(await rows(c))].map(({ filter }) => filter!);
    expect(filters.map(({ length }) => length)).toEqual([144, 144, 144]);
    const bits = (filter: Buffer): number =>
      [...filter.subarray(16)].reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0);
    const common = (x: Buffer, y: Buffer): number => bits(Buffer.from(x.map((byte, i) => byte & y[i]!)));
    // 226 bits of 1,024 on average whatever the value, and as many in common as two random filters have: about 50.
    for (const filter of filters) expect(Math.abs(bits(filter) - 226)).toBeLessThan(60);
    expect(common(filters[0]!, filters[1]!)).toBeLessThan(100);
  });

  test('of a text of a megabyte is one row of a few kilobytes, or an empty one that never rules it out', async () => {
    const repetitive = await add({ label: 'long', body: `${'the same again '.repeat(60_000)}needle` });
    const [row] = await rows(repetitive);
    expect(row!.filter!.length).toBe(16 + 128);
    const lines = Array.from({ length: 60_000 }, (_, i) => `${(i * 2_654_435_761) % 4_294_967_296}`);
    const various = await add({ label: 'various', body: lines.map((line) => `${line}é`).join(' ø') });
    expect((await rows(various))[0]!.filter!.length).toBe(16 + 8_192);
    expect(await found({ like: { body: '*needle' } })).toEqual(['long']);
    expect(await found({ like: { body: `*${lines[30_000]}*` } })).toContain('various');

    const code = (i: number): string => String.fromCodePoint(0x4e00 + (i % 20_000));
    const huge = await add({
      label: 'huge',
      body: Array.from({ length: 20_000 }, (_, i) => code(i)).join(''),
    });
    expect(await rows(huge)).toMatchObject([{ filter: null }]);
    expect(await found({ like: { body: `*${code(5)}${code(6)}${code(7)}*` } })).toEqual(['huge']);
  });

  test('is a hint and no proof: a filter that was changed by force shows nothing that does not match', async () => {
    const id = await add({ label: 'forced', name: 'nothing of the kind' });
    const forced = [Buffer.alloc(144, 255), Buffer.alloc(0), Buffer.alloc(17, 255), null];
    for (const filter of forced) {
      await sql(vault, 'update substring_index set filter = $2 where object_id = $1', [id, filter]);
      expect(await found({ like: { name: '*zzz*' } })).toEqual([]);
      expect(await found({ like: { name: '*of the kind' } })).toEqual(['forced']);
    }
    await sql(vault, 'update substring_index set lookup_version = 99 where object_id = $1', [id]);
    expect(await found({ like: { name: '*of the kind' } })).toEqual(['forced']);
  });

  test('goes with the attribute, with the property and with the collection', async () => {
    const id = await add({ gone: 'some text', name: 'some name' });
    expect(await rows(id)).toHaveLength(2);
    const path = '/ctl/collections/texts/properties';
    await vault.send('PATCH', `${path}/gone`, { json: { description: '', is_substring_index: false } });
    expect(await rows(id)).toHaveLength(1);
    expect(refused(await search({ like: { gone: '*some*' } }))).toBe('400 PV9036');
    await vault.send('PATCH', `/data/collections/texts/objects/${id}`, { json: { gone: 'other text' } });
    expect(await rows(id)).toHaveLength(1);

    await addCollection(
      vault,
      'short DATA ( a STRING SUBSTRING_INDEX NULL, b STRING SUBSTRING_INDEX NULL );',
    );
    const other = await addObject(vault, { a: 'text a', b: 'text b' }, { collection: 'short' });
    await vault.send('DELETE', '/ctl/collections/short/properties/a');
    expect(await rows(other)).toHaveLength(1);
    await vault.send('DELETE', '/ctl/collections/short');
    expect(await rows(other)).toEqual([]);
  });

  test('narrows what a search opens: the limit counts candidates', async () => {
    const small = await startVault({ COATCHECK_SEARCH_SCAN_LIMIT: '3' });
    await addCollection(small, 'texts PERSONS ( name STRING SUBSTRING_INDEX NULL );');
    const texts = ['alpha one', 'beta two', 'gamma three', 'delta four', 'epsilon five'];
    for (const name of texts) await addObject(small, { name }, { collection: 'texts' });
    const ask = (name: string): Promise<Answer> =>
      small.send('POST', '/data/collections/texts/query/objects?props=name', { json: { like: { name } } });
    expect((await ask('*gamma*')).body.results).toEqual([{ name: 'gamma three' }]);
    expect(refused(await ask('*a*'))).toBe('400 PV9008');
    await small.close();
  });
});

describe('400', () => {
  test.each([['plain'], ['label'], ['id'], ['_tenant_id'], ['_owner_collection']])(
    '%s has no substring index: PV9036',
    async (property) =>
      expect(refusal(await search({ like: { [property]: '*abc*' } }))).toEqual([400, 'PV9036', { property }]),
  );

  test('a pattern that is too long, or no text at all', async () => {
    expect(refused(await search({ like: { name: 'a'.repeat(257) } }))).toBe('400 PV3002');
    expect(refused(await search({ like: { name: 'a\u0000b' } }))).toMatch(/^400 /);
    expect(refused(await search({ like: { name: 3 } }))).toMatch(/^400 /);
    expect(refused(await search({ like: {} }))).toBe('400 PV9006');
  });
});

test('403: a property that is masked for the role, or that it may not search, is PV1006', async () => {
  const { masked, blind } = await setClients(vault, [
    {
      name: 'masked',
      capabilities: ['CapDataSearcher', 'CapDataReader'],
      allow: [{ operations: ['search', 'read'], resources: ['texts/properties/*'] }],
      masks: { 'texts/name': 'mask' },
    },
    {
      name: 'blind',
      capabilities: ['CapDataSearcher', 'CapDataReader'],
      allow: [
        { operations: ['search'], resources: ['texts/properties/mail'] },
        { operations: ['read'], resources: ['texts/properties/*'] },
      ],
    },
  ]);
  expect(refused(await search({ like: { name: '*Ann*' } }, '?props=label', { key: masked! }))).toBe(
    '403 PV1006',
  );
  expect((await search({ like: { mail: 'ann*' } }, '?props=label', { key: masked! })).status).toBe(200);
  expect(refused(await search({ like: { name: '*Ann*' } }, '?props=label', { key: blind! }))).toBe(
    '403 PV1006',
  );
});

test('404: an unknown property is PV3004', async () => {
  expect(refused(await search({ like: { nick: '*abc*' } }))).toBe('404 PV3004');
});

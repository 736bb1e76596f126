import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { adapterOf } from '../../../src/idp/adapters/index.js';
import type { LoginEvent } from '../../../src/idp/event.js';
import { customSource } from '../../../src/cli/idp/custom-source.js';
import { requestsFor } from '../../../src/cli/idp/provider-requests.js';
import { SOURCES, type Source } from '../../../src/cli/idp/sources.js';
import { type Layout, readUsers } from '../../../src/cli/idp/user-files.js';
import type { Read } from '../../../src/cli/idp/user-record.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'coatcheck-users-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string | Buffer): string {
  const place = path.join(folder, name);
  writeFileSync(place, content);
  return place;
}

async function read(
  name: string,
  content: string | Buffer,
  layout?: Layout,
  isMarked?: boolean,
): Promise<Read[]> {
  const all: Read[] = [];
  for await (const each of readUsers([file(name, content)], layout, isMarked)) all.push(each);
  return all;
}

const users = async (...given: Parameters<typeof read>): Promise<unknown[]> =>
  (await read(...given)).map((each) => ('user' in each ? each.user : each.unreadable));

const ADA = { user_id: 'auth0|1', app_metadata: { ssn: '123-12-1234' } };
const BOB = { user_id: 'auth0|2', app_metadata: {} };
const LINES = `${JSON.stringify(ADA)}\n${JSON.stringify(BOB)}\n`;

describe('files of users', () => {
  test.each([
    ['lines, under any name that JSON has', 'a.json', LINES],
    ['lines, packed', 'a.json.gz', gzipSync(LINES)],
    [
      'lines without an end, with CRLF and a mark in front',
      'b.ndjson',
      `\uFEFF${LINES.trimEnd().replace('\n', '\r\n\r\n')}`,
    ],
    ['pages, a line each', 'c.jsonl', `[${JSON.stringify(ADA)}]\n${JSON.stringify({ users: [BOB] })}\n`],
    ['one list', 'd.json', JSON.stringify([ADA, BOB])],
    ['one list over many lines', 'e.json', JSON.stringify([ADA, BOB], null, 2)],
    [
      'a realm with its users',
      'f.json',
      JSON.stringify({ realm: 'r', roles: [{ id: 'x' }], users: [ADA, BOB] }, null, 2),
    ],
    [
      'the same in one line, packed',
      'f.json.gz',
      gzipSync(JSON.stringify({ realm: 'r', users: [ADA, BOB], more: [{ users: [1] }] })),
    ],
    ['a page of SCIM', 'g.json', JSON.stringify({ totalResults: 2, Resources: [ADA, BOB] })],
  ])('%s', async (_, name, content) => {
    expect(await users(name, content)).toEqual([ADA, BOB]);
  });

  test('a list of more than a buffer holds comes whole, and in order', async () => {
    const many = Array.from({ length: 5_000 }, (_, i) => ({ user_id: `auth0|${i}`, name: 'x'.repeat(60) }));
    expect(await users('many.json', JSON.stringify({ users: many }, null, 1))).toEqual(many);
    expect(await users('many.ndjson', many.map((each) => JSON.stringify(each)).join('\n'))).toEqual(many);
  });

  test("Auth0's CSV: the marks against formulas go, names with dots are members, empty cells are absent", async () => {
    const csv = `user_id,email,app_metadata.ssn,app_metadata.tags,user_metadata.note,name\n'auth0|1,'ada@example.com,'123-12-1234,"[""a""]","'a ""quoted"", note",\n`;
    expect(await users('a.csv', csv, undefined, true)).toEqual([
      {
        ...{ user_id: 'auth0|1', email: 'ada@example.com' },
        ...{ app_metadata: { ssn: '123-12-1234', tags: ['a'] }, user_metadata: { note: 'a "quoted", note' } },
      },
    ]);
  });

  test("another CSV's names may begin with the mark", async () => {
    expect(await users('b.csv', "id;x,name\n7,'t Hooft\n")).toEqual([{ 'id;x': '7', name: "'t Hooft" }]);
  });

  test('LDIF: folded lines, base64, options, comments; a picture is left out and a change is no user', async () => {
    const ldif = [
      'version: 1',
      '# people',
      'dn: uid=ada,dc=example',
      'entryUUID: 0a1b',
      'sn:: TG92ZWxhY2U=',
      'cn: Ada Love',
      ' lace',
      'mail: ada@example.com',
      'mail: a.l@example.com',
      'jpegPhoto:: /9j/4AAQ',
      'cn;lang-fr: Ada',
      '',
      'dn: uid=bob,dc=example',
      'changetype: delete',
      '',
    ].join('\n');
    expect(await users('a.ldif', ldif)).toEqual([
      {
        ...{ dn: ['uid=ada,dc=example'], entryuuid: ['0a1b'], sn: ['Lovelace'] },
        ...{ cn: ['Ada Lovelace', 'Ada'], mail: ['ada@example.com', 'a.l@example.com'] },
      },
      'It is a change and no entry.',
    ]);
  });

  test('a line that nobody can read keeps no other', async () => {
    expect(
      await users('bad.ndjson', `${JSON.stringify(ADA)}\n{"canary-1": \n7\n${JSON.stringify(BOB)}`),
    ).toEqual([ADA, 'It is no JSON.', 'It is no object.', BOB]);
  });

  test.each([
    ['x.json', '[{"canary-2": nope}]', 'Cannot read'],
    ['x.json', '{"users":[{"canary-2"', 'Cannot read'],
    ['x.csv', 'a,b\n"canary-2,"x\n', 'The CSV is not well-formed'],
    ['x.json.gz', 'canary-2', 'Cannot read'],
    ['x.ndjson', `"${'canary-2'.repeat(700_000)}`, 'A line is longer than any can be.'],
  ])('a file that is none, %s: the reason quotes nothing', async (name, content, says) => {
    const failure = await users(name, content).catch((error: Error) => error);
    expect((failure as Error).message).toContain(says);
    expect((failure as Error).message).not.toContain('canary');
  });

  test('a file that is not there', async () => {
    const all = readUsers([path.join(folder, 'nowhere.json')], undefined);
    await expect(all.next()).rejects.toThrow(/nowhere.json: ENOENT/);
  });
});

const context = { issuer: 'acme', subject: undefined, removesNames: false };

/** What the vault's adapter makes of the event of a user. */
function login(source: Source, user: Record<string, unknown>, more = {}): LoginEvent {
  const event = source.eventOf(user, { ...context, ...more });
  return adapterOf(source.provider)!.events[source.event]!.read(event) as LoginEvent;
}
const values = ({ attributes }: LoginEvent): Record<string, unknown> =>
  Object.fromEntries(attributes.map(({ path: place, value }) => [place, value]));

describe('users of', () => {
  test('Auth0: profile and metadata; tokens of other providers and credentials stay out', () => {
    const user = {
      ...{ ...ADA, email: 'ada@example.com', email_verified: true, given_name: 'Ada', last_ip: '192.0.2.1' },
      user_metadata: { phone: '+12025550187', password: 'x' },
      identities: [{ connection: 'google-oauth2', provider: 'google-oauth2', access_token: 'canary-token' }],
    };
    const event = SOURCES.auth0!.eventOf(user, context);
    expect(JSON.stringify(event)).not.toMatch(/canary-token|password|last_ip/);
    const read = login(SOURCES.auth0!, user);
    expect([read.issuer, read.subject, read.connection]).toEqual([
      'acme',
      'auth0|1',
      { name: 'google-oauth2', kind: 'social' },
    ]);
    expect(values(read)).toEqual({
      ...{ 'app_metadata.ssn': '123-12-1234', 'user_metadata.phone': '+12025550187' },
      ...{ 'profile.email': 'ada@example.com', 'profile.email_verified': true, 'profile.given_name': 'Ada' },
    });
  });

  test('Cognito: a list of names and values, or the columns of a pool', () => {
    const Attributes = [
      { Name: 'sub', Value: 's-1' },
      { Name: 'custom:ssn', Value: '123-12-1234' },
      { Name: 'custom:pii_object_id', Value: '0b9f7a52-0000-4000-8000-000000000000' },
    ];
    const listed = login(SOURCES.cognito!, { Username: 'ada', Attributes, UserStatus: 'CONFIRMED' });
    expect([listed.subject, listed.link, values(listed)]).toEqual([
      's-1',
      '0b9f7a52-0000-4000-8000-000000000000',
      { 'userAttributes.custom:ssn': '123-12-1234' },
    ]);
    const columns = login(SOURCES.cognito!, { 'cognito:username': 'ada', birthdate: '1815-12-10' });
    expect([columns.subject, values(columns)]).toEqual([
      'username:ada',
      { 'userAttributes.birthdate': '1815-12-10' },
    ]);
  });

  test('Keycloak: lists of values, columns and where somebody was brokered from; hashes of passwords stay out', () => {
    const user = {
      ...{ id: 'k-1', username: 'ada', email: 'ada@example.com', emailVerified: true, firstName: 'Ada' },
      attributes: { ssn: ['123-12-1234'], pii_object_id: ['an-id'] },
      credentials: [{ secretData: 'canary-hash' }],
      federatedIdentities: [{ identityProvider: 'google', userId: 'g', userName: 'ada' }],
    };
    expect(JSON.stringify(SOURCES.keycloak!.eventOf(user, context))).not.toContain('canary-hash');
    const read = login(SOURCES.keycloak!, user);
    expect([read.subject, read.link, read.connection.kind]).toEqual(['k-1', 'an-id', 'social']);
    const removable = read.attributes.map(({ path: place, removable: can }) => [place, can]);
    expect(removable).toEqual([
      ['attributes.ssn', true],
      ['user.email', false],
      ['user.emailVerified', false],
      ['user.firstName', false],
    ]);
    const named = login(SOURCES.keycloak!, user, { removesNames: true });
    expect(named.attributes.find(({ key }) => key === 'firstName')!.removable).toBe(true);
  });

  test('Logto: custom data and profile', () => {
    const read = login(SOURCES.logto!, {
      ...{ id: 'l-1', primaryEmail: 'ada@example.com', profile: { birthdate: '1815-12-10' } },
      ...{ customData: { ssn: '123-12-1234' }, identities: { google: { details: { email: 'canary' } } } },
    });
    expect(values(read)).toEqual({
      ...{ 'customData.ssn': '123-12-1234', 'profile.birthdate': '1815-12-10' },
      'user.primaryEmail': 'ada@example.com',
    });
  });

  test('SCIM: the primary of each, and extensions', () => {
    const read = login(SOURCES.scim!, {
      ...{ id: 's-1', userName: 'ada', name: { givenName: 'Ada', formatted: 'Ada Lovelace' }, password: 'x' },
      emails: [{ value: 'a@home.example' }, { value: 'ada@example.com', primary: true }],
      phoneNumbers: [
        { type: 'work', value: '1' },
        { type: 'mobile', value: 'tel:+1-202-555-0187' },
      ],
      addresses: [{ streetAddress: '1 Main St', locality: 'London' }],
      'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': { employeeNumber: '17' },
      'urn:example:hr': { ssn: '123-12-1234' },
    });
    expect(read.subject).toBe('s-1');
    expect(values(read)).toMatchObject({
      ...{ 'claims.given_name': 'Ada', 'claims.name': 'Ada Lovelace', 'claims.email': 'ada@example.com' },
      ...{
        'claims.phone_number': '+1-202-555-0187',
        'claims.employee_id': '17',
        'claims.ssn': '123-12-1234',
      },
      'claims.address': { street_address: '1 Main St', locality: 'London' },
    });
    expect(values(read)).not.toHaveProperty('claims.password');
  });

  test('a directory: by the id that never changes, or the attribute that is said', () => {
    const entry = {
      ...{ dn: ['uid=ada'], entryuuid: ['e-1'], uid: ['ada'], cn: ['Ada Lovelace'], sn: ['Lovelace'] },
      ...{
        mail: ['ada@example.com', 'a.l@example.com'],
        userpassword: ['canary'],
        pwdhistory: ['canary'],
        ssn: ['123-12-1234'],
      },
      postaladdress: ['1 Main St$London'],
    };
    const read = login(SOURCES.ldif!, entry);
    expect([read.subject, values(read)]).toEqual([
      'e-1',
      {
        ...{
          'claims.name': 'Ada Lovelace',
          'claims.family_name': 'Lovelace',
          'claims.email': 'ada@example.com',
        },
        ...{ 'claims.ssn': '123-12-1234', 'claims.address': { formatted: '1 Main St\nLondon' } },
      },
    ]);
    expect(login(SOURCES.ldif!, entry, { subject: 'uid' }).subject).toBe('ada');
  });

  test('any program: claims, flat or under their name', () => {
    const flat = login(SOURCES.oidc!, { sub: 'o-1', ssn: '123-12-1234', pii_object_id: 'an-id' });
    expect([flat.subject, flat.link, values(flat)]).toEqual([
      'o-1',
      'an-id',
      { 'claims.ssn': '123-12-1234' },
    ]);
    const nested = login(SOURCES.oidc!, { sub: 'o-1', claims: { ssn: '123-12-1234' }, other: 1 });
    expect(values(nested)).toEqual({ 'claims.ssn': '123-12-1234' });
  });
});

describe('a file that says what the columns are', () => {
  const described = (toml: string): Source => customSource(file('map.toml', toml));
  test.each([
    ['auth0', 'app_metadata.ssn', 'profile.email'],
    ['cognito', 'userAttributes.custom:ssn', 'userAttributes.email'],
    ['keycloak', 'attributes.ssn', 'user.email'],
    ['logto', 'customData.ssn', 'user.primaryEmail'],
    ['oidc', 'claims.ssn', 'claims.email'],
  ])('makes users of %s of them', (provider, ssn, email) => {
    const source = described(
      `provider = "${provider}"\nsubject = "ID"\n[fields]\n"Social security no." = "${ssn}"\n"contact.mail" = "${email}"\n`,
    );
    const row = {
      ID: 17,
      'Social security no.': '123-12-1234',
      contact: { mail: 'ada@example.com' },
      other: 'x',
    };
    const read = login(source, row);
    expect([source.idOf(row, context), read.subject]).toEqual(['17', '17']);
    expect(values(read)).toEqual({ [ssn]: '123-12-1234', [email]: 'ada@example.com' });
  });

  test.each([
    ['provider = "nobody"\nsubject = "a"\n[fields]\nb = "c"', 'provider is not one'],
    ['provider = "auth0"\nsubject = "a"\n[fields]\nb = "app_metadata.user_id"', 'Auth0 forbids this name'],
    ['provider = "auth0"\nsubject = "a"', 'must say provider, subject and [fields]'],
    ['provider = "auth0"\nsubject = "a"\nmore = 1\n[fields]\nb = "profile.email"', '"more" is not known'],
    ['provider = "auth0"\nsubject = "a"\n[fields]\nb = 7', 'each of [fields] must be a string'],
    ['not toml', 'it is no TOML'],
  ])('%j is refused', (toml, says) => {
    expect(() => described(toml)).toThrow(says);
  });
});

describe('what is to be sent to the provider', () => {
  const link = { pii_object_id: 'an-id' };
  const none = {};
  test.each([
    [
      'auth0',
      'auth0|1',
      { write: link, scrub: ['app_metadata.ssn', 'user_metadata.phone'] },
      [
        {
          ...{ method: 'PATCH', path: '/api/v2/users/auth0%7C1' },
          body: { app_metadata: { ssn: null, pii_object_id: 'an-id' }, user_metadata: { phone: null } },
        },
      ],
    ],
    [
      'cognito',
      'ada',
      { write: link, scrub: ['userAttributes.custom:ssn'] },
      [
        {
          action: 'AdminUpdateUserAttributes',
          input: {
            ...{ UserPoolId: 'acme', Username: 'ada' },
            UserAttributes: [{ Name: 'custom:pii_object_id', Value: 'an-id' }],
          },
        },
        {
          action: 'AdminDeleteUserAttributes',
          input: { UserPoolId: 'acme', Username: 'ada', UserAttributeNames: ['custom:ssn'] },
        },
      ],
    ],
    [
      'logto',
      'l-1',
      { write: link, scrub: ['customData.ssn', 'profile.birthdate', 'profile.address', 'user.name'] },
      [
        {
          ...{ method: 'PATCH', path: '/api/users/l-1/custom-data' },
          body: { customData: { ssn: null, pii_object_id: 'an-id' } },
        },
        {
          method: 'PATCH',
          path: '/api/users/l-1/profile',
          body: { profile: { birthdate: '', address: {} } },
        },
        { method: 'PATCH', path: '/api/users/l-1', body: { name: null } },
      ],
    ],
    [
      'keycloak',
      'k-1',
      { write: link, scrub: ['attributes.ssn', 'user.firstName'] },
      [
        {
          ...{ method: 'PUT', path: '/admin/realms/acme/users/k-1' },
          change: { set: { 'attributes.pii_object_id': ['an-id'] }, remove: ['attributes.ssn', 'firstName'] },
        },
      ],
    ],
    [
      'oidc',
      'o-1',
      { write: link, scrub: ['claims.ssn'] },
      [{ subject: 'o-1', write: link, scrub: ['claims.ssn'] }],
    ],
    ['auth0', 'auth0|1', { write: none, scrub: [] }, []],
    [
      'keycloak',
      'k',
      { write: { pii_object_id: null }, scrub: [] },
      [
        {
          method: 'PUT',
          path: '/admin/realms/acme/users/k',
          change: { remove: ['attributes.pii_object_id'] },
        },
      ],
    ],
  ])('%s %s', (provider, id, todo, requests) => {
    expect(requestsFor(provider, 'acme', id, {}, todo)).toEqual(requests);
  });

  test("a name in a pool that is a mail address gives way to the user's own id there", () => {
    const user = { Username: 'ada@example.com', Attributes: [{ Name: 'sub', Value: 's-1' }] };
    const requests = requestsFor('cognito', 'pool', 'ada@example.com', user, { write: link, scrub: [] });
    expect(JSON.stringify(requests)).not.toContain('ada@');
    expect(requests).toMatchObject([{ input: { Username: 's-1' } }]);
  });
});

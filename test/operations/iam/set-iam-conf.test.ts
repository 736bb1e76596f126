import { keyOf, setClients, setIam } from '../../support/iam.js';
import { addCollection, addObject, refusal, refused } from '../../support/steps.js';
import { type Answer, type TestVault, startVault } from '../../support/vault.js';

let vault: TestVault;
const set = (raw: string, key?: string, type = 'application/toml'): Promise<Answer> =>
  vault.send('POST', '/ctl/iam/conf', { raw, type, ...(key !== undefined && { key }) });
const conf = ({ users = '', roles = '', policies = '' } = {}): string =>
  `[users]\n${users}\n[roles]\n${roles}\n[policies]\n${policies}\n`;
const role = (name: string, more = ''): string =>
  `[roles.${name}]\ncapabilities=["CapDataReader"]\npolicies=[]\n${more}`;

beforeAll(async () => {
  vault = await startVault();
  await addCollection(vault);
});
afterAll(() => vault.close());

describe('200', () => {
  test('replaces the whole configuration, answers nothing, and holds for the very next request', async () => {
    const id = await addObject(vault, { name: 'Ann' });
    const path = `/data/collections/users/objects/${id}?props=name`;
    const client = { name: 'reader', capabilities: ['CapDataReader'] };
    const allow = [{ operations: ['read'], resources: ['users/properties/name'] }];
    const { reader } = await setClients(vault, [{ ...client, allow }]);
    expect((await vault.send('GET', path, { key: reader! })).status).toBe(200);

    const without = (await vault.send('GET', '/ctl/iam/conf')).text.replace('"reader_allow_0"', '');
    const answer = await set(without);
    expect([answer.status, answer.text]).toEqual([200, '']);
    expect(refused(await vault.send('GET', path, { key: reader! }))).toBe('403 PV1006');
  });

  test('keys of users who stay go on working, those of users who go are dead for good', async () => {
    const both = [
      { name: 'stays', capabilities: ['CapIAMReader'] },
      { name: 'goes', capabilities: ['CapIAMReader'] },
    ];
    const keys = await setClients(vault, both);
    const text = (await vault.send('GET', '/ctl/iam/conf')).text;
    const check = async (name: string): Promise<string> =>
      refused(await vault.send('GET', '/ctl/iam/conf', { key: keys[name]! }));
    await setIam(vault, text.replace(/\[users\.goes\]\nrole = "goes"\n/, ''));
    expect([await check('stays'), await check('goes')]).toEqual(['200 ', '401 PV1005']);
    await setIam(vault, text);
    expect([await check('stays'), await check('goes')]).toEqual(['200 ', '401 PV1005']);
  });

  test('a disabled user is 401 PV1011 at once and comes back with the same key', async () => {
    await setIam(vault, conf({ users: '[users.u]\nrole="r"', roles: role('r') }));
    const key = await keyOf(vault, 'u');
    const check = async (): Promise<string> =>
      refused(await vault.send('GET', '/data/collections/users/objects?props=id', { key }));
    expect(await check()).toBe('403 PV1006');
    await setIam(vault, conf({ users: '[users.u]\nrole="r"\ndisabled=true', roles: role('r') }));
    expect(await check()).toBe('401 PV1011');
    await setIam(vault, conf({ users: '[users.u]\nrole="r"', roles: role('r') }));
    expect(await check()).toBe('403 PV1006');
  });

  test('many at once: each is in force whole or 409 PV3218', async () => {
    const answers = await Promise.all([1, 2, 3, 4].map((n) => set(conf({ roles: role(`r${n}`) }))));
    for (const answer of answers) expect(['200 ', '409 PV3218']).toContain(refused(answer));
    expect(answers.some(({ status }) => status === 200)).toBe(true);
    expect((await vault.send('GET', '/ctl/iam/conf')).text.match(/\[roles\.r\d\]/g)).toHaveLength(1);
  });

  test('who may write IAM may, but not appoint an auditor: that is the Admin’s', async () => {
    const { writer } = await setClients(vault, [
      { name: 'writer', capabilities: ['CapIAMWriter', 'CapIAMReader'] },
    ]);
    const { text } = await vault.send('GET', '/ctl/iam/conf');
    expect((await set(text, writer)).status).toBe(200);
    const auditing = text.replace('"CapIAMReader"', '"CapIAMReader", "CapAuditReader"');
    expect(refused(await set(auditing, writer))).toBe('403 PV1007');
    expect((await set(auditing)).status).toBe(200);
  });

  test('nor give itself what it did not have, while it may change others: that is the Admin’s, too', async () => {
    const { writer } = await setClients(vault, [
      { name: 'writer', capabilities: ['CapIAMWriter'] },
      { name: 'other', capabilities: ['CapInfoReader'] },
    ]);
    const { text } = await vault.send('GET', '/ctl/iam/conf');
    const own = text.replace('"CapIAMWriter"', '"CapIAMWriter", "CapDataReader"');
    expect(refused(await set(own, writer))).toBe('403 PV1007');
    expect(
      refused(
        await set(text.replace('[users.writer]\nrole = "writer"', '[users.writer]\nrole = "other"'), writer),
      ),
    ).toBe('403 PV1007');
    expect(
      (await set(text.replace('"CapInfoReader"', '"CapInfoReader", "CapDataReader"'), writer)).status,
    ).toBe(200);
    expect((await set(own)).status).toBe(200);
  });
});

describe('400 PV9011', () => {
  test.each([
    ['no TOML', 'users = {'],
    ['a missing table', '[users]\n[roles]\n'],
    ['an unknown table', `${conf()}[groups]\n`],
    ['a user without a role', conf({ users: '[users.u]\nrole="none"' })],
    ['a role with an unknown policy', conf({ roles: '[roles.r]\ncapabilities=[]\npolicies=["none"]' })],
    ['an unknown capability', conf({ roles: '[roles.r]\ncapabilities=["CapFly"]\npolicies=[]' })],
    ['the Admin’s capability', conf({ roles: '[roles.r]\ncapabilities=["CapSystem"]\npolicies=[]' })],
    ['the user Admin', conf({ users: '[users.Admin]\nrole="r"', roles: role('r') })],
    ['the role admin', conf({ roles: role('admin') })],
    [
      'an empty list',
      conf({ policies: '[policies.p]\npolicy_type="allow"\noperations=[]\nreasons=["*"]\nresources=["*"]' }),
    ],
    [
      'an unknown operation',
      conf({
        policies: '[policies.p]\npolicy_type="allow"\noperations=["peek"]\nreasons=["*"]\nresources=["*"]',
      }),
    ],
    [
      'an unknown reason',
      conf({
        policies: '[policies.p]\npolicy_type="allow"\noperations=["*"]\nreasons=["Fun"]\nresources=["*"]',
      }),
    ],
    ['a mask of no property', conf({ roles: role('r', '[roles.r.masks]\n"users/nick"="mask"') })],
    ['a mask of no collection', conf({ roles: role('r', '[roles.r.masks]\n"none/ssn"="mask"') })],
    ['a mask that is none', conf({ roles: role('r', '[roles.r.masks]\n"users/ssn"="age"') })],
  ])('%s', async (_, toml) => expect(refused(await set(toml))).toBe('400 PV9011'));

  test('says where, and leaves what was in force', async () => {
    await setIam(vault, conf({ roles: role('kept') }));
    expect(refusal(await set(conf({ users: '[users.u]\nrole="none"' })))[2]).toEqual({
      path: 'users.u.role',
      reason: 'The role is not defined.',
    });
    expect((await vault.send('GET', '/ctl/iam/conf')).text).toContain('roles.kept');
  });
});

test('400: no body is PV1012', async () => {
  expect(refused(await vault.send('POST', '/ctl/iam/conf'))).toBe('400 PV1012');
});

test('403: needs the capability, PV1007', async () => {
  const { reader } = await setClients(vault, [{ name: 'reader', capabilities: ['CapIAMReader'] }]);
  expect(refused(await set(conf(), reader))).toBe('403 PV1007');
});

test('415: only TOML, PV9015', async () => {
  expect(refused(await set(conf(), undefined, 'application/json'))).toBe('415 PV9015');
});

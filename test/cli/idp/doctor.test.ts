import { createServer as createTlsServer } from 'node:https';
import { createServer } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { PassThrough } from 'node:stream';
import { diagnose } from '../../../src/cli/idp/diagnose.js';
import type { Finding } from '../../../src/cli/idp/finding.js';
import type { HookDescription } from '../../../src/cli/idp/vault-connection.js';
import { program } from '../../../src/cli/program.js';
import { OperatorError } from '../../../src/errors.js';
import { issueAll } from '../../../src/http/issue-certificates.js';
import { type Keys, iam, withHook } from '../../operations/idp/support.js';
import { setIam } from '../../support/iam.js';
import { type TestVault, startVault } from '../../support/vault.js';

const NOW = Date.parse('2026-05-01T12:00:00Z');
const ssn = {
  ...{ name: 'ssn', data_type_name: 'SSN', is_required: false },
  ...{ may_store: true, may_tokenize: true, may_erase: true },
};
const HOOK: HookDescription = {
  ...{ name: 'shop', provider: 'auth0', issuer: 'acme', collection: 'users', token_seconds: 86_460 },
  ...{ capabilities: ['CapIdpHook', 'CapIdpImport', 'CapIdpLifecycle'], properties: [ssn] },
  ...{ map: { 'app_metadata.social': 'ssn' }, ignore: [], keep: [], time: '2026-05-01T12:00:01.000Z' },
  claim: 'https://shop.example/pii_token',
};
const findings = (
  hook: Partial<HookDescription>,
  asked: Partial<Parameters<typeof diagnose>[1]> = {},
): Finding[] => diagnose({ ...HOOK, ...hook }, { purpose: 'login', claim: undefined, now: NOW, ...asked });
const wrongs = (...given: Parameters<typeof findings>): Finding[] =>
  findings(...given).filter(({ level }) => level === 'wrong');

describe('what a hook is told', () => {
  test.each(['login', 'import', 'erase'] as const)(
    'nothing is wrong with a hook for %s that is as it should be',
    (purpose) => {
      expect(findings({ passwords: 'ready' }, { purpose }).map(({ level }) => level)).not.toContain('wrong');
      expect(findings({}, { purpose }).length).toBeGreaterThan(2);
    },
  );

  test.each([
    [
      'a password service that the vault may not call',
      { passwords: 'not_allowed' as const },
      {},
      'may not call the password service',
      'service.allowed_http_destinations',
    ],
    [
      'a password service without a secret',
      { passwords: 'no_secret' as const },
      {},
      'no secret for the password service',
      '/idp/hooks/shop/password-secret',
    ],
    [
      'a role without the capability',
      { capabilities: ['CapIdpLifecycle'] },
      {},
      'does not hold CapIdpHook',
      'CapIdpHook',
    ],
    [
      'a key for logins, asked to import',
      { capabilities: ['CapIdpHook'] },
      { purpose: 'import' as const },
      'does not hold CapIdpImport',
      'CapIdpImport',
    ],
    [
      'a map to a property that is gone',
      { map: { 'app_metadata.a': 'gone' } },
      {},
      'leads app_metadata.a to gone',
      'Add the property',
    ],
    [
      'a map that names what the provider forbids',
      { map: { 'app_metadata.user_id': 'ssn' } },
      {},
      'Auth0 forbids',
      'Take the line out',
    ],
    [
      'a collection of nothing',
      { properties: [], map: {} },
      { purpose: 'import' as const },
      'has no properties',
      'Add properties',
    ],
    [
      'a role that may store nothing',
      { properties: [{ ...ssn, may_store: false }] },
      {},
      'may store no property',
      'write on properties/ssn',
    ],
    [
      'a role that may not store what the map needs',
      {
        properties: [
          { ...ssn, may_store: false },
          { ...ssn, name: 'phone' },
        ],
      },
      {},
      'may not store ssn, which the map',
      'properties/ssn',
    ],
    [
      'a role that may not store what the collection requires',
      { map: {}, properties: [{ ...ssn, name: 'id', is_required: true, may_store: false }, ssn] },
      {},
      'may not store id, which',
      'properties/id',
    ],
    [
      'a role that may tokenize nothing',
      { properties: [{ ...ssn, may_tokenize: false }] },
      {},
      'no login gets one',
      'tokenize',
    ],
    [
      'a list of a client with what is not there',
      { clients: { web: ['gone'] } },
      {},
      'the client web names gone',
      "off the client's list",
    ],
    [
      'a claim that the provider drops',
      { claim: 'pii_token' },
      {},
      'The claim pii_token would not reach',
      'Name another',
    ],
    [
      "a claim of the hook's own that the provider drops",
      {},
      { claim: 'pii_token' },
      'The claim pii_token would not reach',
      'Name another',
    ],
    [
      'a profile that needs what is not there',
      { profile: { required: ['ssn', 'gone'], claim: 'https://shop.example/complete' } },
      {},
      'A profile needs gone, which users does not have',
      'Add the properties',
    ],
    [
      'a profile under a claim that the provider drops',
      { profile: { required: ['ssn'], claim: 'complete' } },
      {},
      'The claim complete of the profile would not reach',
      'Name another',
    ],
    [
      "a profile under the claim of the hook's own",
      { profile: { required: ['ssn'], claim: 'https://shop.example/own' } },
      { claim: 'https://shop.example/own' },
      "is the token's, too",
      'Name another',
    ],
    [
      'a role that may not erase',
      { properties: [{ ...ssn, may_erase: false }] },
      { purpose: 'erase' as const },
      'may not delete ssn',
      'operation delete',
    ],
    ['a clock that is wrong', { time: '2026-05-01T12:05:00.000Z' }, {}, '300 seconds apart', 'NTP'],
  ])('%s', (_, hook, asked, what, fix) => {
    expect(wrongs(hook, asked)).toEqual([
      { level: 'wrong', what: expect.stringContaining(what), fix: expect.stringContaining(fix) },
    ]);
  });

  test('what the role may not store and nobody asked for is worth knowing, and so is a claim that nobody named', () => {
    const all = diagnose(
      { ...HOOK, claim: undefined, properties: [ssn, { ...ssn, name: 'phone', may_store: false }] },
      { purpose: 'login', claim: undefined, now: NOW },
    );
    const notes = all.filter(({ level }) => level === 'note').map(({ what }) => what);
    expect(notes).toEqual([
      expect.stringContaining('may not store phone'),
      expect.stringContaining('No claim is named'),
    ]);
    const profile = { required: ['ssn', 'phone'], claim: 'https://shop.example/complete' };
    const properties = [ssn, { ...ssn, name: 'phone', may_store: false }];
    expect(findings({ profile, properties, map: {} })).toEqual(
      expect.arrayContaining([
        { level: 'ok', what: expect.stringContaining('says whether the vault has ssn, phone') },
        { level: 'note', what: expect.stringContaining('no login completes a profile') },
      ]),
    );
  });
});

describe('coatcheck idp doctor', () => {
  let vault: TestVault;
  let keys: Keys;
  const servers: Server[] = [];
  beforeAll(async () => {
    vault = await startVault();
    keys = await withHook(vault);
  });
  afterAll(async () => {
    for (const server of servers) server.close();
    await vault.close();
  });

  async function listening(server: Server): Promise<string> {
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  async function doctor({ key = keys.hook, url = vault.url, more = [] as string[] } = {}): Promise<{
    failed: string;
    wrong: (string | undefined)[];
    found: Finding[];
  }> {
    let stdout = '';
    const terminal = {
      env: { COATCHECK_URL: url, COATCHECK_API_KEY: key },
      stdout: new PassThrough().on('data', (chunk: Buffer) => (stdout += chunk.toString('utf8'))),
      stderr: new PassThrough(),
      interrupted: new Promise<void>(() => undefined),
    };
    const args = ['--provider', 'auth0', '--issuer', 'acme', '--json', ...more];
    let failed = '';
    try {
      await program(terminal).parseAsync(['node', 'coatcheck', 'idp', 'doctor', ...args]);
    } catch (error) {
      if (!(error instanceof OperatorError)) throw error;
      failed = error.message;
    }
    const found = JSON.parse(stdout) as Finding[];
    const wrong = found.filter(({ level }) => level === 'wrong').flatMap(({ what, fix }) => [what, fix]);
    return { failed, wrong, found };
  }

  test('finds nothing wrong with the hook of a vault that is set up', async () => {
    const { failed, found } = await doctor();
    expect([failed, found.map(({ level }) => level)]).toEqual([
      '',
      ['ok', 'note', 'ok', 'ok', 'ok', 'ok', 'note', 'ok'],
    ]);
  });

  test.each([
    ['a wrong key', { key: 'nonsense' }, '401', 'make a new one'],
    ['a key without a hook', {}, '403 PV9088', 'Name the user of the key in `users`'],
    ['a key of another kind', {}, '403 PV1007', 'Give the user of the key a role'],
    ['a provider that is not known', { more: ['--provider', 'nobody'] }, '404 PV9086', 'docs/idp/'],
    ['another issuer', { more: ['--issuer', 'nobody'] }, '403 PV9088', 'issuer = "nobody"'],
  ])('%s', async (name, given, what, fix) => {
    const key = { 'a key without a hook': keys.stranger, 'a key of another kind': keys.reader }[name];
    const { failed, wrong } = await doctor({ ...(key !== undefined && { key }), ...given });
    expect([failed, wrong]).toEqual([
      'One thing is wrong.',
      [expect.stringContaining(what), expect.stringContaining(fix)],
    ]);
  });

  test('a policy that is too narrow, and the collection of a hook that is gone', async () => {
    await setIam(vault, iam('map = { "app_metadata.mobile" = "phone" }', { policies: '"store_some"' }));
    expect((await doctor()).wrong).toEqual([
      expect.stringContaining('may not store phone'),
      expect.stringContaining('properties/phone'),
    ]);
    await vault.send('POST', '/ctl/collections', {
      raw: 'short PERSONS ( ssn SSN NULL )',
      type: 'application/pvschema',
    });
    await setIam(vault, iam('collection = "short"').replaceAll('users/properties', '*/properties'));
    await vault.send('DELETE', '/ctl/collections/short');
    expect((await doctor()).wrong).toEqual([
      expect.stringContaining('404 PV1004'),
      expect.stringContaining("Make the hook's collection"),
    ]);
  });

  test('where nothing listens, where something else does, and where a certificate is not trusted', async () => {
    const closed = createServer();
    const nowhere = await listening(closed);
    await new Promise((resolve) => closed.close(resolve));
    expect((await doctor({ url: `http://${nowhere}` })).wrong).toEqual([
      'The vault is not reached (ECONNREFUSED).',
      expect.stringContaining('Nothing listens there'),
    ]);
    const other = await listening(createServer((_, response) => response.end('{}')));
    expect((await doctor({ url: `http://${other}` })).wrong[0]).toContain('is no vault that can serve (200)');
    expect((await doctor({ url: `https://${other}` })).wrong[1]).toContain(
      'does not speak what the address says',
    );
    const [, cert, key] = issueAll(new Date());
    const tls = await listening(createTlsServer({ cert, key }, (_, response) => response.end()));
    expect((await doctor({ url: `https://${tls}` })).wrong[1]).toContain('NODE_EXTRA_CA_CERTS');
  });

  test('settings that are missing', async () => {
    expect((await doctor({ url: '' })).wrong[0]).toContain('COATCHECK_URL');
    expect((await doctor({ key: '' })).wrong[0]).toContain('COATCHECK_API_KEY');
  });
});

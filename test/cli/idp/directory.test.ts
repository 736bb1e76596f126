import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { SOURCES } from '../../../src/cli/idp/sources.js';
import { readUsers } from '../../../src/cli/idp/user-files.js';
import type { LoginEvent } from '../../../src/idp/event.js';
import { oidc } from '../../../src/idp/adapters/oidc.js';
import { mapAttributes } from '../../../src/idp/map-attributes.js';

/* What OpenLDAP really writes when a directory is exported: entries go into its database by slapadd, come out by slapcat, and find their properties. Debian's slapd must be there, or unpacked at SLAPD_ROOT. */

const ROOT = process.env.SLAPD_ROOT ?? '/';
const at = (...parts: string[]): string => path.join(ROOT, ...parts);
const isThere = existsSync(at('usr/sbin/slapadd'));
if (!isThere)
  process.stderr.write('No slapd on this machine: the test with a real directory is passed over.\n');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'coatcheck-directory-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ENTRIES = `dn: dc=example
objectClass: dcObject
objectClass: organization
dc: example
o: Example

dn: uid=ada,dc=example
objectClass: inetOrgPerson
uid: ada
cn: Ada Lovelace
sn: Lovelace
givenName: Ada
displayName: Zoë Ada Lovelace
mail: ada@example.com
mail: a.l@example.com
mobile: +1 202 555 0187
preferredLanguage: en-GB
postalAddress: 12 St James's Square$London
userPassword: canary-password
jpegPhoto:: /9j/4AAQSkZJRgABAQ==
description: ${'a long line that slapcat folds '.repeat(5)}
`;

function slap(tool: 'slapadd' | 'slapcat', input?: string): string {
  const { status, stdout, stderr } = spawnSync(
    at('usr/sbin', tool),
    ['-f', path.join(folder, 'slapd.conf'), ...(tool === 'slapcat' ? ['-a', '(objectClass=person)'] : [])],
    { input, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`${tool}: ${stderr}`);
  return stdout;
}

(isThere ? test : test.skip)(
  'people of a real directory are told as logins, without what lets them in',
  async () => {
    mkdirSync(path.join(folder, 'db'));
    const schemas = ['core', 'cosine', 'inetorgperson'].map(
      (name) => `include ${at('etc/ldap/schema', `${name}.schema`)}`,
    );
    const lines = [
      ...schemas,
      ...[`modulepath ${at('usr/lib/ldap')}`, 'moduleload back_mdb', 'database mdb', 'suffix "dc=example"'],
      `directory ${path.join(folder, 'db')}`,
    ];
    writeFileSync(path.join(folder, 'slapd.conf'), `${lines.join('\n')}\n`);
    slap('slapadd', ENTRIES);
    const ldif = slap('slapcat');
    expect(ldif).toMatch(/^displayName:: /m);
    writeFileSync(path.join(folder, 'people.ldif'), ldif);

    const people: LoginEvent[] = [];
    for await (const each of readUsers([path.join(folder, 'people.ldif')], undefined)) {
      const { user } = each as { user: Record<string, unknown> };
      const event = SOURCES.ldif!.eventOf(user, { issuer: 'acme', subject: undefined, removesNames: false });
      expect(JSON.stringify(event)).not.toContain('canary');
      people.push(oidc.events.login!.read(event) as LoginEvent);
    }
    const [ada, ...others] = people;
    expect([others, ada!.subject]).toEqual([[], expect.stringMatching(/^[0-9a-f-]{36}$/)]);
    const properties = new Set([
      'given_name',
      'family_name',
      'full_name',
      'email',
      'phone',
      'locale',
      'address',
    ]);
    const map = { custom: new Map<string, string>(), standard: oidc.standardMap, ignore: [] };
    const { mapped, unmapped } = mapAttributes(ada!.attributes, map, properties);
    expect(Object.fromEntries(mapped.map(({ property, attribute }) => [property, attribute.value]))).toEqual({
      ...{ given_name: 'Ada', family_name: 'Lovelace', full_name: 'Zoë Ada Lovelace', locale: 'en-GB' },
      ...{ email: 'ada@example.com', phone: '+1 202 555 0187' },
      address: { formatted: "12 St James's Square\nLondon" },
    });
    // Nothing of what the directory keeps of its entries.
    expect(unmapped.map(({ key }) => key)).toEqual(['description']);
  },
);

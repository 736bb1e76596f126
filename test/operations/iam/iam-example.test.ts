import { readFileSync } from 'node:fs';
import path from 'node:path';
import { keyOf, setIam } from '../../support/iam.js';
import { addCollection, addObject, refused, tokenize } from '../../support/steps.js';
import { type TestVault, startVault } from '../../support/vault.js';

/*
 * docs/iam.example.toml, as it is: what the comment of each role promises and rules out.
 */

const EXAMPLE = readFileSync(path.join(import.meta.dirname, '../../../docs/iam.example.toml'), 'utf8');

let vault: TestVault;
let id: string;
let token: string;
beforeAll(async () => {
  vault = await startVault();
  await addCollection(vault);
  await setIam(vault, EXAMPLE);
  id = await addObject(vault, { name: 'Ann Lee', ssn: '123-45-6789' });
  token = await tokenize(vault, { object: { id }, props: ['name', 'ssn'] });
});
afterAll(() => vault.close());

type Asked = readonly [method: string, path: string, json?: unknown];
const USERS = '/data/collections/users';
const get = (query: string): Asked => ['GET', `${USERS}/objects/{id}?${query}`];
const exchange = (query: string): Asked => ['GET', `${USERS}/tokens?token_ids={token}&${query}`];
const search = (match: object): Asked => ['POST', `${USERS}/query/objects?props=id`, { match }];
const change: Asked = ['PATCH', `${USERS}/objects/{id}`, { name: 'Ann Lee' }];
const remove: Asked = ['DELETE', `${USERS}/objects/{id}`];
const makeToken: Asked = [
  'POST',
  `${USERS}/tokens`,
  [{ type: 'randomized', object: { fields: { ssn: '123-45-6789' } } }],
];
const removeTokens: Asked = ['DELETE', `${USERS}/tokens?token_ids=none`];
const exportTokens: Asked = ['GET', `${USERS}/export/tokens`];
const encrypt: Asked = ['POST', `${USERS}/encrypt/objects`, [{ object: { fields: { name: 'Ann' } } }]];
const collections: Asked = ['GET', '/ctl/collections'];
const addProperty: Asked = [
  'POST',
  '/ctl/collections/users/properties/nick',
  { name: 'nick', data_type_name: 'NAME', is_nullable: true },
];
const removeProperty: Asked = ['DELETE', '/ctl/collections/users/properties/nick'];
const types: Asked = ['GET', '/ctl/types'];
const bundles: Asked = ['GET', '/ctl/bundles'];
const CODE = Buffer.from(`exports.mask = { type: 'transformer', handler: (c, o, v) => v };`);
const addBundle: Asked = ['POST', '/ctl/bundles', { name: 'open', code: CODE.toString('base64') }];
const iam: Asked = ['GET', '/ctl/iam/conf'];
const userKey: Asked = ['POST', '/ctl/iam/user/regen', { name: 'scheduler' }];
const log: Asked = ['GET', '/api/coatcheck/1.0/audit/entries?limit=1'];
const gc: Asked = ['POST', '/system/admin/lifecycle/gc?dry_run=true'];
const rotate: Asked = ['POST', '/system/admin/keys/rotate'];
const add: Asked = ['POST', `${USERS}/objects`, { name: 'Bob', ssn: '987-65-4321' }];
const addAnother: Asked = ['POST', `${USERS}/objects`, { name: 'Eve', ssn: '856-45-6789' }];

const ROLES: readonly [user: string, may: readonly Asked[], mayNot: readonly Asked[]][] = [
  ['security_admin', [iam, userKey, rotate], [get('props=id'), collections, log, exchange('props=id'), gc]],
  ['auditor', [log], [get('props=id'), collections, iam, exchange('props=id')]],
  [
    'developer',
    [collections, types, bundles, get('props=id,ssn.mask')],
    [get('props=ssn'), get('options=unsafe'), addProperty, addBundle, change, iam, exchange('props=name')],
  ],
  [
    'ci_cd',
    [collections, types, bundles, addProperty, removeProperty, addBundle],
    [get('props=ssn.mask'), change, iam, exchange('props=name')],
  ],
  ['scheduler', [gc], [get('props=id'), collections, iam, rotate]],
  [
    'external_app',
    [add, change, makeToken, get('props=id,ssn.mask,name.mask')],
    [get('props=name'), search({ name: 'Bob' }), remove, removeTokens, exchange('props=name'), collections],
  ],
  [
    'internal_app',
    [
      addAnother,
      change,
      makeToken,
      get('props=name,ssn.mask'),
      search({ name: 'Eve' }),
      exchange('props=name,ssn.mask'),
    ],
    [
      get('props=ssn'),
      get('props=name&reason=Marketing'),
      search({ ssn: '123-45-6789' }),
      exchange('props=ssn'),
      remove,
      removeTokens,
      encrypt,
      collections,
    ],
  ],
  [
    'token_consumer',
    [exchange('props=name,ssn')],
    [exchange('props=name&reason=Marketing'), get('props=name'), search({ name: 'Eve' }), makeToken, change],
  ],
  [
    'privileged_service',
    [
      get('options=unsafe&reason=Marketing'),
      search({ ssn: '123-45-6789' }),
      encrypt,
      exchange('props=ssn'),
      exportTokens,
      remove,
    ],
    [collections, iam, rotate, log],
  ],
];

test('docs/iam.example.toml has no user and no role that is not shown here', async () => {
  const { text } = await vault.send('GET', '/ctl/iam/conf');
  const users = [...text.matchAll(/^\[users\.(\w+)\]$/gm)].map(([, name]) => name);
  expect(users.sort()).toEqual(ROLES.map(([user]) => user).sort());
  const roles = [...text.matchAll(/^\[roles\.(\w+)\]$/gm)].map(([, name]) => name);
  const held = [...text.matchAll(/^role = "(\w+)"$/gm)].map(([, name]) => name);
  expect(roles.sort()).toEqual(held.sort());
});

test.each(ROLES)(
  '%s may do what its comment says and nothing that it rules out',
  async (user, may, mayNot) => {
    const key = await keyOf(vault, user);
    const ask = async ([method, target, json]: Asked): Promise<string> => {
      const where = target.replace('{id}', id).replace('{token}', token);
      const answer = await vault.send(method, where, { key, ...(json !== undefined && { json }) });
      return `${method} ${target} ${refused(answer)}`;
    };
    for (const asked of mayNot) expect(await ask(asked)).toMatch(/ 403 PV100[67]$/);
    for (const asked of may) expect(await ask(asked)).toMatch(/ 200 $/);
  },
);

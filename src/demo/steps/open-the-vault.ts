import { ROLES, USERS, type User } from '../roles.js';
import { type Scene, ask } from '../scene.js';

/** The API key of each user. */
export type Keys = Readonly<Record<User, string>>;

const COLLECTION = 'users PERSONS (\n  user_id STRING UNIQUE,\n  ssn SSN NULL,\n)\n';

/** The operator defines what is kept and who may see it, and gives each client a key. */
export async function openTheVault(scene: Scene): Promise<Keys> {
  const { narrator, vault, tap } = scene;
  const adminKey = vault.config['service.admin_api_key']!;
  tap.know(adminKey, 'operator');

  narrator.step('A vault is opened');
  narrator.say(`The vault listens on ${vault.url}, its data is in ${vault.directory}.`);
  narrator.say('The operator says what is kept: a collection with two properties, each with a data type.');
  const collection = await ask(scene, adminKey, 'POST', '/api/pvlt/1.0/ctl/collections?format=pvschema', {
    body: COLLECTION,
    type: 'application/pvschema',
  });
  narrator.show(collection);
  narrator.expect('the collection is there', collection.status, 200);

  narrator.say('Who may see what: a role for each client, and policies that allow. Nothing else is allowed.');
  const iam = await ask(scene, adminKey, 'POST', '/api/pvlt/1.0/ctl/iam/conf', {
    body: ROLES,
    type: 'application/toml',
  });
  narrator.show(iam);
  narrator.expect('the roles are in force', iam.status, 200);

  narrator.say('Each client gets an API key of its own. The first one:');
  const keys: Record<string, string> = {};
  for (const name of USERS) {
    const made = await ask(scene, adminKey, 'POST', '/api/pvlt/1.0/ctl/iam/user/regen', { body: { name } });
    if (name === USERS[0]) narrator.show(made);
    keys[name] = (made.received as { api_key: string }).api_key;
    tap.know(keys[name], name);
  }
  const distinct = new Set(Object.values(keys).filter((key) => /^pv_live_[\w-]{62}$/.test(key)));
  narrator.expect(`${USERS.length} keys: ${USERS.join(', ')}`, distinct.size, USERS.length);
  return keys as Keys;
}

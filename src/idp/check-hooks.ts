import type { IamConfig } from '../policy/iam-config.js';
import { type Table, invalid } from '../policy/iam-fields.js';
import { type IdpHook, writeIdpHook } from '../policy/idp-hooks.js';
import { adapterOf } from './adapters/index.js';
import { type PropertiesOf, checkOrganizations } from './check-organizations.js';
import { checkProfile } from './check-profile.js';
import { isNeverIngested } from './never-ingested.js';

/**
 * Refuses a hook that its provider or the collection would make useless or dangerous: an unknown provider, a source it does not have or that
 * it forbids, credentials, an unknown collection or property, a claim that would not reach the token, and two hooks that one key could not tell
 * apart. A hook that is in force as it is may stay. Throws PV9011 naming the field.
 */
export function checkIdpHooks(config: IamConfig, inForce: IamConfig, propertiesOf: PropertiesOf): void {
  const places = new Set<string>();
  for (const [name, hook] of config.idpHooks) {
    const path = `idp_hooks.${name}`;
    const callers = [...hook.users.map((user) => ['users', user]), ['idp', hook.idp]] as const;
    for (const [field, caller] of callers) {
      if (caller === undefined) continue;
      const place = JSON.stringify([field, caller, hook.provider, hook.issuer]);
      if (places.has(place))
        invalid(`${path}.${field}`, 'A user or idp speaks for this provider and issuer in another hook.');
      places.add(place);
    }
    const known = inForce.idpHooks.get(name);
    if (known === undefined || textOf(known) !== textOf(hook)) checkHook(hook, path, propertiesOf);
    checkCallers(hook, path, config);
  }
}

/** What depends on other parts of the file than the hook is checked whenever the file is set. */
function checkCallers(hook: IdpHook, path: string, { idps }: IamConfig): void {
  const adapter = adapterOf(hook.provider);
  if (!adapter) return;
  if (hook.idp !== undefined) {
    if (!adapter.refuseCaller) invalid(`${path}.idp`, 'This provider brings keys of users.');
    const reason = adapter.refuseCaller(idps.get(hook.idp)!, hook.issuer);
    if (reason !== null) invalid(`${path}.idp`, reason);
  }
  const mayDeny = Object.values(adapter.events).some(({ answer }) => answer?.isRefresh);
  if (hook.onFailure === 'deny' && !mayDeny)
    invalid(
      `${path}.on_failure`,
      'This provider goes on without the vault by itself, or does not say what is a refresh, which is never denied.',
    );
}

function checkHook(hook: IdpHook, path: string, propertiesOf: PropertiesOf): void {
  const adapter = adapterOf(hook.provider) ?? invalid(`${path}.provider`, 'There is no such provider.');
  const properties =
    propertiesOf(hook.collection) ?? invalid(`${path}.collection`, 'The collection does not exist.');
  const check = (field: string, named: Iterable<string>): void => {
    for (const property of named)
      if (!properties.has(property)) invalid(`${path}.${field}`, 'A property does not exist.');
  };

  for (const [field, sources] of [
    ['map', hook.map.keys()],
    ['keep', hook.keep],
    ['ignore', hook.ignore],
  ] as const) {
    for (const source of sources) {
      const reason = adapter.refuseSource(source);
      if (reason !== null) invalid(`${path}.${field}`, reason);
      if (field === 'map' && isNeverIngested(source.slice(source.indexOf('.') + 1)))
        invalid(`${path}.map`, 'Credentials are never copied.');
    }
  }
  const { quarantine } = hook;
  if (quarantine !== undefined && properties.get(quarantine) !== 'JSON')
    invalid(`${path}.quarantine`, 'This must be a property of type JSON.');
  if (quarantine !== undefined && [...hook.map.values()].includes(quarantine))
    invalid(`${path}.map`, 'What goes into the quarantine comes from nowhere else.');
  check('map', hook.map.values());
  check('clients', [...(hook.clients?.values() ?? [])].flat());
  check(
    'conflict',
    [...hook.conflict.keys()].filter((property) => property !== '*'),
  );
  if (hook.writeBack !== undefined && !adapter.writeBack)
    invalid(`${path}.write_back`, 'The vault cannot change users of this provider.');
  const asks = Object.values(adapter.events).some(({ asksForPassword }) => asksForPassword);
  if (hook.checkPasswordsAt !== undefined && !asks)
    invalid(`${path}.check_passwords_at`, 'This provider does not ask whether a password is right.');
  checkOrganizations(hook, adapter, path, propertiesOf);
  checkProfile(hook, adapter, path, properties);
  const reason = hook.claim === undefined ? null : adapter.refuseClaim(hook.claim);
  if (reason !== null) invalid(`${path}.claim`, reason);
}

function textOf(hook: IdpHook): string {
  const table: Table = writeIdpHook(hook);
  return JSON.stringify(table);
}

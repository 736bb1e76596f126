import type { webcrypto } from 'node:crypto';
import type { Adapter } from '../adapter.js';
import { type Attribute, type Decision, LINK_KEY, type LoginEvent } from '../event.js';
import { mapAttributes } from '../map-attributes.js';
import { normaliseAttribute } from '../normalise.js';
import type { DirectSettings } from './hook-settings.js';
import { type VaultClient, VaultRefusal } from './vault-client.js';

const REASON = 'reason=AppFunctionality';
/** Values that the vault refuses one after the other before the login goes on without storing. */
const MOST_REFUSED = 3;
const MOST_RACES = 5;

/** The properties that values go into, by name with their data types. */
export type Properties = ReadonlyMap<string, string>;

/** What of the Web Crypto API is used; how a platform gives it is the platform's. */
export type WebCrypto = Pick<typeof webcrypto, 'subtle'>;

/** One login in direct mode: the hook itself speaks the drop-in API, so it works with any vault that does. */
export interface DirectLogin {
  readonly client: VaultClient;
  readonly settings: DirectSettings;
  readonly adapter: Adapter;
  readonly event: LoginEvent;
  readonly properties: Properties;
  /** Whether the provider keeps the object id; without, it is derived at every login. */
  readonly keepsLink: boolean;
  readonly crypto: WebCrypto;
}

/**
 * The properties of the map, as text where nothing else is known; without a map those of the collection, which needs CapCollectionsReader.
 */
export async function readProperties(
  client: VaultClient,
  { collection, map }: DirectSettings,
): Promise<Properties> {
  if (map) return new Map([...map.values()].map((property) => [property, 'STRING']));
  const path = `/api/pvlt/1.0/ctl/collections/${encodeURIComponent(collection)}`;
  const { properties } = (await client.send('GET', path)) as {
    properties: readonly { readonly name: string; readonly data_type_name: string }[];
  };
  return new Map(properties.map(({ name, data_type_name }) => [name, data_type_name]));
}

/**
 * Stores what the provider has, then tokenizes. What to scrub is said only of values that the vault has acknowledged, even when the token then cannot be had: the
 * object is linked and the next login finds it.
 */
export async function loginDirectly(login: DirectLogin): Promise<Decision> {
  const { event, keepsLink, settings, crypto } = login;
  const found = fieldsOf(login);
  const isNews = found.some(({ attribute }) => attribute.removable);
  if (event.link === undefined && found.length === 0 && keepsLink)
    return { write: {}, scrub: [], warnings: [] };

  const id = event.link ?? (await objectIdOf(crypto, settings.linkSecret ?? '', event));
  const isFirst = event.link === undefined && (keepsLink || isNews);
  const stored = isFirst || isNews ? await store(login, id, found, isFirst) : [];
  if (stored === 'gone') return unlinked(keepsLink, [{ code: 'erased' }]);

  const scrub = stored.flatMap(({ attribute }) => (attribute.removable ? [attribute.path] : []));
  const write: Decision['write'] = keepsLink && event.link === undefined ? { [LINK_KEY]: id } : {};
  if (event.clientId === undefined) return { write, scrub, warnings: [] };
  try {
    const token = await tokenize(login, id);
    return { write, scrub, token, warnings: [] };
  } catch (error) {
    const gone = error instanceof VaultRefusal && error.status === 404;
    // Nothing was stored: nothing is lost by failing.
    if (!gone && stored.length === 0) throw error;
    if (!gone) return { write, scrub, warnings: [] };
    return unlinked(keepsLink && event.link !== undefined);
  }
}

/** The object is gone: nothing is stored behind anybody's back, and the provider forgets its id. */
function unlinked(keepsLink: boolean, warnings: Decision['warnings'] = []): Decision {
  const write: Decision['write'] = keepsLink ? { [LINK_KEY]: null } : {};
  return { write, scrub: [], warnings };
}

interface Found {
  readonly property: string;
  readonly attribute: Attribute;
  readonly value: unknown;
}

/** One value for each property; a second attribute that says something else stays where it is. */
function fieldsOf({ event, settings, adapter, properties }: DirectLogin): Found[] {
  const { mapped } = mapAttributes(
    event.attributes,
    { custom: settings.map ?? new Map(), standard: adapter.standardMap, ignore: [] },
    new Set(properties.keys()),
  );
  const found = new Map<string, Found>();
  const same: Found[] = [];
  for (const { property, attribute } of mapped) {
    const normal = normaliseAttribute(attribute.value, properties.get(property)!);
    if (typeof normal === 'string') continue;
    const first = found.get(property);
    if (first === undefined) found.set(property, { property, attribute, value: normal.value });
    else if (JSON.stringify(first.value) === JSON.stringify(normal.value))
      same.push({ property, attribute, value: normal.value });
  }
  return [...found.values(), ...same];
}

/** Creates the object, or merges into the one that is there; returns what the vault took. A value that it names as unfit is left out. */
async function store(
  login: DirectLogin,
  id: string,
  found: readonly Found[],
  isFirst: boolean,
): Promise<Found[] | 'gone'> {
  let taken = [...found];
  for (let refused = 0; ; refused++) {
    if (taken.length === 0) return [];
    try {
      const exists = !isFirst || (await create(login, id, taken)) === 'exists';
      if (exists) await merge(login, id, taken);
      return taken;
    } catch (error) {
      if (!(error instanceof VaultRefusal)) throw error;
      if (error.status === 404 && !isFirst) return 'gone';
      const left = taken.filter(({ property }) => property !== error.property);
      if (error.status !== 400 || left.length === taken.length || refused === MOST_REFUSED) throw error;
      taken = left;
    }
  }
}

async function create(
  login: DirectLogin,
  id: string,
  found: readonly Found[],
): Promise<'created' | 'exists'> {
  try {
    await login.client.send('POST', `${pathOf(login)}/objects?${REASON}`, { id, ...valuesOf(found) });
    return 'created';
  } catch (error) {
    if (error instanceof VaultRefusal && error.status === 409) return 'exists';
    throw error;
  }
}

/** Logins of the same user at the same time change the same object: all but one are told 409 and come again. */
async function merge(login: DirectLogin, id: string, found: readonly Found[]): Promise<void> {
  const path = `${pathOf(login)}/objects/${encodeURIComponent(id)}?${REASON}`;
  for (let races = 0; ; races++) {
    try {
      await login.client.send('PATCH', path, valuesOf(found));
      return;
    } catch (error) {
      const raced = error instanceof VaultRefusal && error.status === 409;
      if (!raced || races === MOST_RACES) throw error;
    }
  }
}

async function tokenize(login: DirectLogin, id: string): Promise<string> {
  const path = `${pathOf(login)}/tokens?${REASON}&expiration_secs=${login.settings.tokenSeconds}`;
  const props = [...login.properties.keys()];
  const answer = await login.client.send('POST', path, [{ type: 'randomized', object: { id }, props }]);
  return (answer as { token_id: string }[])[0]!.token_id;
}

function valuesOf(found: readonly Found[]): Record<string, unknown> {
  return Object.fromEntries(found.map(({ property, value }) => [property, value]));
}

function pathOf({ settings }: DirectLogin): string {
  return `/api/pvlt/1.0/data/collections/${encodeURIComponent(settings.collection)}`;
}

/** The id that a subject's object has without anybody having to remember it: HMAC-SHA-256 of issuer and subject, as a UUID of version 8. */
async function objectIdOf(
  { subtle }: WebCrypto,
  secret: string,
  { issuer, subject }: LoginEvent,
): Promise<string> {
  const utf8 = new TextEncoder();
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await subtle.importKey('raw', utf8.encode(secret), algorithm, false, ['sign']);
  const mac = new Uint8Array(await subtle.sign('HMAC', key, utf8.encode(`${issuer ?? ''}\0${subject}`)));
  mac[6] = (mac[6]! & 0x0f) | 0x80;
  mac[8] = (mac[8]! & 0x3f) | 0x80;
  const hex = [...mac.subarray(0, 16)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

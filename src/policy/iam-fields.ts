import { VaultError } from '../errors.js';

/** Parsed TOML before anything is known of it. */
export type Table = Readonly<Record<string, unknown>>;

const ENTITY_NAME = /^[A-Za-z][A-Za-z0-9_]*$/;
const LONGEST_NAME = 450;

/**
 * Refuses the file, naming the field. `path` may hold only our own keys, list positions and well-formed entity
 * names, `reason` is constant text: the file may quote claims and keys that must not come back in an error.
 */
export function invalid(path: string, reason: string): never {
  throw new VaultError('PV9011', { path, reason });
}

/** The value as a table with no other keys than `keys`. */
export function readTable(value: unknown, path: string, keys: readonly string[]): Table {
  const table = readOpenTable(value, path);
  if (Object.keys(table).some((key) => !keys.includes(key)))
    invalid(path, `There is an unknown key; the keys are ${keys.join(', ')}.`);
  return table;
}

/** The value as a table whose keys the caller chooses. */
export function readOpenTable(value: unknown, path: string): Table {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Date)
    invalid(path, 'This must be a table.');
  return value as Table;
}

/**
 * The members of a table of entities, in the order written, each read by `read`. A Map, because `constructor` and
 * `toString` are lawful names. Names are well formed, and no two differ only by case (api.md 3).
 */
export function readEntities<T>(
  value: unknown,
  path: string,
  read: (table: unknown, path: string, name: string) => T,
): ReadonlyMap<string, T> {
  const entities = new Map<string, T>();
  const folded = new Set<string>();
  for (const [name, member] of Object.entries(readOpenTable(value, path))) {
    if (!ENTITY_NAME.test(name) || name.length > LONGEST_NAME)
      invalid(path, 'A name is a letter followed by letters, digits and _, at most 450 characters in all.');
    if (folded.has(name.toLowerCase()))
      invalid(`${path}.${name}`, 'Another name differs from this one only by case.');
    folded.add(name.toLowerCase());
    entities.set(name, read(member, `${path}.${name}`, name));
  }
  return entities;
}

/** The member as a string of at least one character. */
export function readString(table: Table, key: string, path: string): string {
  const value = member(table, key);
  if (typeof value !== 'string' || value === '')
    invalid(`${path}.${key}`, 'This must be a string, not empty.');
  return value;
}

/** The member as such a string, or undefined where it is absent. */
export function readOptionalString(table: Table, key: string, path: string): string | undefined {
  return member(table, key) === undefined ? undefined : readString(table, key, path);
}

/** The member as a boolean, false where it is absent. */
export function readFlag(table: Table, key: string, path: string): boolean {
  const value = member(table, key) ?? false;
  if (typeof value !== 'boolean') invalid(`${path}.${key}`, 'This must be true or false.');
  return value;
}

/** The member as a list whose every word passes `isKnown`; undefined where it is absent. */
export function readWords(
  table: Table,
  key: string,
  path: string,
  isKnown: (word: string) => boolean,
  unknownReason: string,
): readonly string[] | undefined {
  const value = member(table, key);
  if (value === undefined) return undefined;
  if (!Array.isArray(value)) invalid(`${path}.${key}`, 'This must be a list of strings.');
  return value.map((word: unknown, position) => {
    const place = `${path}.${key}[${position}]`;
    if (typeof word !== 'string') invalid(place, 'This must be a string.');
    return isKnown(word) ? word : invalid(place, unknownReason);
  });
}

/**
 * Such a list, with something in it. Where a list restricts, an empty one could be read as "nobody" and as "no
 * restriction"; it is refused instead of guessed.
 */
export function readSomeWords(...field: Parameters<typeof readWords>): readonly string[] | undefined {
  const words = readWords(...field);
  return words?.length === 0
    ? invalid(`${field[2]}.${field[1]}`, 'This must hold at least one value.')
    : words;
}

/** An own member: a file must not reach what every object inherits. */
export function member(table: Table, key: string): unknown {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

/** A table of strings, none of them empty; absent is none. Throws PV9011 for anything else. */
export function readStrings(table: Table, key: string, path: string): Readonly<Record<string, string>> {
  const strings = readOpenTable(member(table, key) ?? {}, `${path}.${key}`);
  if (!Object.values(strings).every((word) => typeof word === 'string' && word !== ''))
    invalid(`${path}.${key}`, 'Every value must be a string, not empty.');
  return strings as Readonly<Record<string, string>>;
}

/** A whole number from 1 to `most`, if there is one. Throws PV9011 for anything else. */
export function readCount(table: Table, key: string, path: string, most: number): number | undefined {
  const value = member(table, key);
  if (value === undefined) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > most)
    return invalid(`${path}.${key}`, `This must be a whole number from 1 to ${most}.`);
  return value;
}

/** A base URL without slashes at its end, if there is one. Throws PV9011 for anything else. */
export function readBaseUrl(table: Table, key: string, path: string): string | undefined {
  const text = readOptionalString(table, key, path)?.replace(/\/+$/, '');
  if (text === undefined) return undefined;
  const url = /^https?:\/\/[^\s\\]+$/.test(text) && URL.canParse(text) ? new URL(text) : null;
  if (!url || url.username || url.password || url.search || url.hash)
    return invalid(`${path}.${key}`, 'This must be a base URL such as https://acme.eu.auth0.com.');
  return text;
}

/** The same for what passwords are sent to: https, or http to this machine. */
export function readPrivateUrl(table: Table, key: string, path: string): string | undefined {
  const url = readBaseUrl(table, key, path);
  if (url === undefined || /^(https:\/\/|http:\/\/(127\.0\.0\.1|\[::1\])([:/]|$))/.test(url)) return url;
  return invalid(`${path}.${key}`, 'This must be an address by https.');
}

import { VaultError } from '../errors.js';
import { verificationOf } from './standard-claims.js';

/** An event before anything is known of it. */
export type Fields = Readonly<Record<string, unknown>>;

const LONGEST_NAME = 1_024;
/** No control characters and no lone surrogates: such a text could not be hashed or told apart from another. */
const CONTROL = /[\p{Cc}\p{Cs}]/u;

/** Throws PV9087 naming the field and saying a constant sentence of it. */
export function misfit(field: string, reason: string): never {
  throw new VaultError('PV9087', { field, reason });
}

/** The member as an object; an empty one where it is absent or null. */
export function optionalObject(fields: Fields, key: string, at: string): Fields {
  const value = member(fields, key) ?? {};
  if (typeof value !== 'object' || Array.isArray(value))
    return misfit(`${at}${key}`, 'It must be an object.');
  return value as Fields;
}

/** The member as an object that must be there. */
export function requiredObject(fields: Fields, key: string, at: string): Fields {
  if (member(fields, key) === undefined) misfit(`${at}${key}`, 'It is missing.');
  return optionalObject(fields, key, at);
}

/** The member as a list of objects; an empty one where it is absent or null. */
export function objectsIn(fields: Fields, key: string, at: string): readonly Fields[] {
  const value = member(fields, key) ?? [];
  const isObject = (each: unknown): boolean =>
    typeof each === 'object' && each !== null && !Array.isArray(each);
  if (!Array.isArray(value) || !value.every(isObject))
    return misfit(`${at}${key}`, 'It must be a list of objects.');
  return value as Fields[];
}

/** Throws where the member is not this very text. */
export function requireText(fields: Fields, key: string, at: string, text: string): void {
  if (requiredName(fields, key, at) !== text) misfit(`${at}${key}`, `It must be ${text}.`);
}

/** The member as a name: a text of 1 to 1,024 characters without control characters. */
export function requiredName(fields: Fields, key: string, at: string): string {
  return optionalName(fields, key, at) ?? misfit(`${at}${key}`, 'It is missing.');
}

/** The member as a name, or undefined where it is absent, null or empty. */
export function optionalName(fields: Fields, key: string, at: string): string | undefined {
  const value = member(fields, key);
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'string') return misfit(`${at}${key}`, 'It must be a string.');
  if (value.length > LONGEST_NAME || CONTROL.test(value))
    return misfit(
      `${at}${key}`,
      `It must have at most ${LONGEST_NAME} characters, none of them a control character.`,
    );
  return value;
}

/** The organization that a member names by its id, as far as it does. */
export function organizationIn(fields: Fields, key: string, at: string): { readonly organization?: string } {
  const organization = optionalName(fields, key, at);
  return organization === undefined ? {} : { organization };
}

/**
 * The member as a moment; undefined for what is none, since nothing depends on it but which of two values is newer. One before 1970 is none: nobody had an identity
 * provider then, and the database knows no year -5000.
 */
export function optionalTime(fields: Fields, key: string): Date | undefined {
  const value = member(fields, key);
  const time =
    typeof value === 'number' ? new Date(value * 1000) : typeof value === 'string' ? new Date(value) : null;
  return time !== null && time.getTime() >= 0 ? time : undefined;
}

/** The member as true or false. */
export function requiredFlag(fields: Fields, key: string, at: string): boolean {
  const value = member(fields, key);
  return typeof value === 'boolean' ? value : misfit(`${at}${key}`, 'It must be true or false.');
}

/** What the fields say of whether one of them is verified: only `true`, which some send as text, is; nothing where it does not apply. */
export function verified(fields: Fields, key: string): { readonly verified?: boolean } {
  const claims = verificationOf(key);
  return claims
    ? { verified: claims.some((claim) => ['true', true].includes(member(fields, claim) as string)) }
    : {};
}

/** An own member: an event must not reach what every object inherits. */
export function member(fields: Fields, key: string): unknown {
  return Object.hasOwn(fields, key) ? fields[key] : undefined;
}

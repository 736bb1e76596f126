import { type Table, invalid, member, readSomeWords, readString, readTable } from './iam-fields.js';

/** What a user's profile needs to be complete, and where a login says whether it is (docs/adr/0067). */
export interface IdpProfile {
  /** Properties of the hook's collection that all have a value then. */
  readonly required: readonly string[];
  /** The claim, beside the one of the token. */
  readonly claim: string;
}

const KEYS = ['required', 'claim'];

/** Validates the structure of `[idp_hooks.<name>.profile]`; undefined where there is none. Throws PV9011 naming the field. */
export function readIdpProfile(hook: Table, path: string): IdpProfile | undefined {
  const value = member(hook, 'profile');
  if (value === undefined) return undefined;
  const place = `${path}.profile`;
  const table = readTable(value, place, KEYS);
  const required = readSomeWords(table, 'required', place, (word) => word !== '', 'This must not be empty.');
  return {
    required: required ?? invalid(`${place}.required`, 'The list is missing.'),
    claim: readString(table, 'claim', place),
  };
}

/** The table that `readIdpProfile` reads back as the same. */
export function writeIdpProfile({ required, claim }: IdpProfile): Table {
  return { required, claim };
}

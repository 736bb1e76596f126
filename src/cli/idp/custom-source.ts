import { readFileSync } from 'node:fs';
import { parse } from 'smol-toml';
import { adapterOf } from '../../idp/adapters/index.js';
import { CommandError } from '../terminal.js';
import { SOURCES, type Source, textAt } from './sources.js';
import { type UserRecord, memberAt } from './user-record.js';

/**
 * A source that a file describes: `provider`, `subject` (the column that is the user's id there) and `[fields]`, columns of the file -> where they stand at the provider, in the words of a hook's map. The records it makes
 * are the provider's own, so that everything else is as with the provider's export. Throws {@link CommandError} naming what does not fit.
 */
export function customSource(path: string): Source {
  const { provider, subject, fields } = readDescription(path);
  const source = SOURCES[provider];
  const adapter = adapterOf(provider);
  if (!source || !adapter)
    throw new CommandError(`${path}: provider is not one whose users can be made of columns.`);
  for (const [column, place] of fields) {
    const reason = adapter.refuseSource(place);
    if (reason !== null) throw new CommandError(`${path}: [fields] ${JSON.stringify(column)}: ${reason}`);
  }
  const made = (user: UserRecord): UserRecord =>
    madeFor(
      provider,
      textAt(user, subject),
      [...fields].map(([column, place]) => [place, memberAt(user, column)] as const),
    );
  return {
    ...source,
    idOf: (user) => textAt(user, subject),
    eventOf: (user, context) => source.eventOf(made(user), context),
  };
}

interface Description {
  readonly provider: string;
  readonly subject: string;
  readonly fields: ReadonlyMap<string, string>;
}

function readDescription(path: string): Description {
  let table: Record<string, unknown>;
  try {
    table = parse(readFileSync(path, 'utf8'));
  } catch {
    throw new CommandError(`Cannot read ${path}, or it is no TOML.`);
  }
  const { provider, subject, fields, ...others } = table;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw new CommandError(`${path}: ${JSON.stringify(unknown)} is not known.`);
  const entries = Object.entries((fields ?? {}) as Record<string, unknown>);
  if (typeof provider !== 'string' || typeof subject !== 'string' || entries.length === 0)
    throw new CommandError(`${path} must say provider, subject and [fields].`);
  if (!entries.every(([, place]) => typeof place === 'string'))
    throw new CommandError(`${path}: each of [fields] must be a string.`);
  return { provider, subject, fields: new Map(entries as [string, string][]) };
}

type Placed = readonly (readonly [place: string, value: unknown])[];

/** A user as the provider's own export has them. */
function madeFor(provider: string, id: string | undefined, placed: Placed): UserRecord {
  const under = (root: string): Record<string, unknown> =>
    Object.fromEntries(
      placed.flatMap(([place, value]) =>
        value !== undefined && place.startsWith(`${root}.`) ? [[place.slice(root.length + 1), value]] : [],
      ),
    );
  switch (provider) {
    case 'auth0': {
      const metadata = { app_metadata: under('app_metadata'), user_metadata: under('user_metadata') };
      return { ...under('profile'), ...metadata, user_id: id };
    }
    case 'cognito': {
      const attributes = Object.entries({ ...under('userAttributes'), sub: id });
      return { Username: id, Attributes: attributes.map(([Name, Value]) => ({ Name, Value })) };
    }
    case 'logto':
      return { ...under('user'), profile: under('profile'), customData: under('customData'), id };
    case 'keycloak':
      return { ...under('user'), attributes: under('attributes'), id };
    default:
      return { sub: id, claims: under('claims') };
  }
}

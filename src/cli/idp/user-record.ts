/** One user as a file has it. */
export type UserRecord = Readonly<Record<string, unknown>>;

/** A record, or why there is none in that place: a constant sentence, never what stands there. */
export type Read = { readonly user: UserRecord } | { readonly unreadable: string };

/** Whether something parsed is a user and no list or number. */
export function asRead(value: unknown): Read {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? { user: value as UserRecord }
    : { unreadable: 'It is no object.' };
}

/** The member under a name; of a name with dots that is no member itself, the member of members. */
export function memberAt(record: UserRecord, path: string): unknown {
  if (Object.hasOwn(record, path)) return record[path];
  const dot = path.indexOf('.');
  if (dot < 0) return undefined;
  const inner = Object.hasOwn(record, path.slice(0, dot)) ? record[path.slice(0, dot)] : undefined;
  if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return undefined;
  return memberAt(inner as UserRecord, path.slice(dot + 1));
}

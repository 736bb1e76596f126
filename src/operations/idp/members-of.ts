import { VaultError } from '../../errors.js';
import type { IdpHook } from '../../policy/idp-hooks.js';
import type { Statement } from '../../store/database.js';
import type { FoundSubject } from '../../store/find-idp-subjects.js';
import { deleteTokensOf } from '../../store/idp-links.js';
import {
  type FoundMember,
  type Users,
  findMembers,
  markMembersErased,
  requireMembers,
} from '../../store/idp-organizations.js';
import type { Call, Facts } from '../call.js';
import { type KnownCollection, knownCollection } from '../collection-named.js';
import { permit, touchDeletion } from '../permit.js';
import type { Vault } from '../vault.js';
import { archiveOf } from './archive-of.js';

type HookCall = Call<'receiveIdpEvent'>;

/** What some users are in organizations: all of it, or the transaction that has `all` in it fails. */
export interface Members {
  readonly found: readonly FoundMember[];
  /** To be run with the users' rows locked. */
  readonly all: Statement;
}

/** Whose organizations an event of somebody is about: their own, and those of all who have their object unless that is another's. */
export function usersOf({ id }: KnownCollection, { row, objectId }: FoundSubject): Users {
  const isAlias = (row?.alias ?? null) !== null;
  return { hashes: row ? [row.hash] : [], collection: id, objectId: isAlias ? null : objectId };
}

/** What the users are in all their organizations. Throws PV9009 for an object of another tenant. */
export async function membersOf(vault: Vault, hook: IdpHook, users: Users): Promise<Members> {
  const found = await findMembers(vault.database, users);
  for (const { object } of found) if (object && object.tenant !== hook.tenant) throw new VaultError('PV9009');
  return { found, all: requireMembers(users, found) };
}

/** What the log is to say of it, by collection. The caller must be allowed to delete in each of them, and says so before anything is done. */
export async function permitMembers(call: HookCall, { found }: Members, what: string): Promise<Facts[]> {
  const facts: Facts[] = [];
  for (const [collection, members] of byCollection(call, found)) {
    const objects = members.filter(({ object }) => object).map(({ objectId }) => objectId);
    const named = { collection: collection.name, objects };
    const { rule } = await permit(call, collection, touchDeletion(collection), named);
    facts.push({ ...named, outcome: 'allowed', rule: `${rule} ${what}` });
  }
  return facts;
}

/** Archives the objects, which are deleted later, and makes the rows tombstones. */
export async function erasureOf(
  call: HookCall,
  vault: Vault,
  { found, all }: Members,
  deleteAt: Date,
): Promise<Statement[]> {
  const statements = [all];
  if (found.length > 0) statements.push(markMembersErased(found, call.startedAt, deleteAt));
  for (const [collection, members] of byCollection(call, found))
    for (const member of members) statements.push(...(await archiveOf(call, vault, collection, member)));
  return statements;
}

/** Deletes all tokens of the objects. */
export function silencingOf({ found, all }: Members): Statement[] {
  return [all, ...found.map(({ collection, objectId }) => deleteTokensOf(collection, objectId))];
}

function byCollection(
  { metadata }: HookCall,
  found: readonly FoundMember[],
): ReadonlyMap<KnownCollection, FoundMember[]> {
  const byId = new Map([...metadata.collections.values()].map((stored) => [stored.id, stored]));
  const groups = new Map<KnownCollection, FoundMember[]>();
  for (const member of found) {
    const stored = byId.get(member.collection);
    // It was made a moment ago, and this instance has yet to hear of it.
    if (!stored) throw new VaultError('PV3218');
    const collection = knownCollection(stored);
    groups.set(collection, [...(groups.get(collection) ?? []), member]);
  }
  return groups;
}

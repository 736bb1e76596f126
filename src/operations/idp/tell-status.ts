import { VaultError } from '../../errors.js';
import type { Status } from '../../idp/event.js';
import type { IdpHook } from '../../policy/idp-hooks.js';
import { deleteTokensOf } from '../../store/idp-links.js';
import { insertSubject } from '../../store/change-idp-subjects.js';
import { type FoundSubject, findSubject } from '../../store/find-idp-subjects.js';
import { tellStatus as tell } from '../../store/idp-status.js';
import type { Call } from '../call.js';
import { collectionNamed } from '../collection-named.js';
import { permit, refuseHopeless, touchDeletion } from '../permit.js';
import type { Vault } from '../vault.js';
import { membersOf, permitMembers, silencingOf, usersOf } from './members-of.js';
import { MOST_RACES, committed } from './raced.js';
import { nameOf, queryOf, subjectOf } from './subject-of.js';

type HookCall = Call<'receiveIdpEvent'>;

const FURTHEST_AHEAD_MS = 5 * 60_000;

/**
 * A provider suspended a user, or no longer does (docs/adr/0047). With the suspension all tokens of the object, and of what they are in organizations, are deleted, whichever identity they were made for, and none is made until
 * it is lifted; the object stays. Somebody unknown is remembered, so that a login that is under way gets no token. What was said before something that is
 * known already is passed over, as is what changes nothing.
 */
export async function tellStatus(
  call: HookCall,
  vault: Vault,
  hook: IdpHook,
  name: string,
  status: Status,
): Promise<void> {
  const { suspended } = status;
  const at = timeOf(call, status);
  const collection = collectionNamed(call.metadata, hook.collection);
  await refuseHopeless(call, collection, 'delete');
  const subject = subjectOf(hook, name);
  for (let races = 0; races < MOST_RACES; races++) {
    const found = await findSubject(vault.database, queryOf(vault, collection, hook, subject));
    if (found.object && found.object.tenant !== hook.tenant) throw new VaultError('PV9009');
    const facts = { collection: collection.name, objects: found.object ? [found.objectId] : [] };
    const { rule } = await permit(call, collection, touchDeletion(collection), facts);
    const nothing = nothingToSay(found, suspended, at);
    if (nothing !== null) {
      await call.record({ ...facts, outcome: 'allowed', rule: `${rule} ${nothing}` });
      return;
    }

    const since = suspended ? at : null;
    const told = found.row
      ? tell(found.row.hash, found.objectId, since, at)
      : insertSubject({
          ...nameOf(vault, subject),
          collection: collection.id,
          objectId: found.objectId,
          provenance: {},
          now: call.startedAt,
          erasure: null,
          fresh: { suspendedAt: since, statusAt: at },
        });
    const members = suspended ? await membersOf(vault, hook, usersOf(collection, found)) : null;
    const ofMembers = members ? await permitMembers(call, members, 'suspended') : [];
    const tokens = members ? [deleteTokensOf(collection.id, found.objectId), ...silencingOf(members)] : [];
    await call.record({
      ...facts,
      outcome: 'allowed',
      rule: `${rule} ${suspended ? 'suspended' : 'active'}`,
    });
    for (const each of ofMembers) await call.record(each);
    if (await committed(vault, [told, ...tokens])) return;
  }
  throw new VaultError('PV3218');
}

/** A clock that is far ahead must not make everything that is said later count as earlier. */
function timeOf({ startedAt }: HookCall, { at = startedAt }: Status): Date {
  return new Date(Math.min(at.getTime(), startedAt.getTime() + FURTHEST_AHEAD_MS));
}

function nothingToSay({ row }: FoundSubject, suspended: boolean, at: Date): string | null {
  if (row === null) return suspended ? null : 'active-before';
  if (row.erasedAt) return 'erased-before';
  return row.statusAt && row.statusAt.getTime() >= at.getTime() ? 'overtaken' : null;
}

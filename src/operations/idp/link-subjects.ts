import { VaultError } from '../../errors.js';
import type { Decision, Warning } from '../../idp/event.js';
import type { IdpHook } from '../../policy/idp-hooks.js';
import type { Statement } from '../../store/database.js';
import { findSubjects } from '../../store/find-idp-subjects.js';
import type { IndexedValue } from '../../store/objects/object-row.js';
import type { IdpCall } from './hook-of.js';
import { type KnownCollection, collectionNamed } from '../collection-named.js';
import { commitWithUniqueValues } from '../objects/commit-with-unique-values.js';
import { permit, refuseHopeless, touchDeletion, touchProperties } from '../permit.js';
import type { Vault } from '../vault.js';
import { brakeErasures } from './erase-subject.js';
import { mayTouch } from './may-touch.js';
import { type Link, type LinkContext, linkingOf } from './linking-of.js';
import type { Merge } from './merge-objects.js';
import { MOST_RACES, isRaced } from './raced.js';
import { queryOf, subjectOf } from './subject-of.js';

/** An event says that two identities are one person's: see {@link linkSubjects}. The caller must be allowed to delete, and to store what is taken over. */
export async function linkByEvent(call: IdpCall, vault: Vault, hook: IdpHook, link: Link): Promise<Decision> {
  await refuseHopeless(call, collectionNamed(call.metadata, hook.collection), 'delete');
  return { write: {}, scrub: [], warnings: await linkSubjects(call, vault, hook, link) };
}

/**
 * Makes two identities one person (docs/adr/0046): the secondary's object goes into the primary's, and the secondary is found with the primary's object from
 * then on; all of it in one transaction, or nothing. Said again it changes nothing. Both are the hook's, so nothing is ever linked across hooks or tenants. Names what could not be had:
 * properties of which both have a value (`conflict`).
 */
export async function linkSubjects(
  call: IdpCall,
  vault: Vault,
  hook: IdpHook,
  link: Link,
): Promise<readonly Warning[]> {
  const collection = collectionNamed(call.metadata, hook.collection);
  const [first, second] = [subjectOf(hook, link.primary), subjectOf(hook, link.secondary)];
  for (let races = 0; races < MOST_RACES; races++) {
    const queries = [first, second].map((each) => queryOf(vault, collection, hook, each));
    // In one look: what it shows to be so already is not held against anything else.
    const found = await findSubjects(vault.database, queries);
    const [primary, secondary] = [found[0]!, found[1]!];
    for (const { object } of found)
      if (object && object.tenant !== hook.tenant) throw new VaultError('PV9009');

    const context = { call, vault, hook, collection, link };
    const linking = await linkingOf(context, primary, secondary);
    if ('rule' in linking) {
      if (link.as === 'told') {
        const { rule } = await permit(call, collection, touchDeletion(collection), { objects: [] });
        await call.record({
          collection: collection.name,
          outcome: 'allowed',
          rule: `${rule} ${linking.rule}`,
        });
      }
      return linking.warnings;
    }
    const { merge, objects, statements } = linking;
    const refused = await refusedOf(context, merge, second);
    if (refused.length > 0) return refused;
    await record(context, objects, merge);
    if (await committed(vault, collection, merge?.indexes ?? [], statements))
      return (merge?.plan.conflicts ?? []).map((name) => ({ code: 'conflict', name }));
  }
  throw new VaultError('PV3218');
}

/** What stands against a link that a login shows, which goes on without it; by an event it is an error. */
async function refusedOf(
  { call, vault, hook, collection, link }: LinkContext,
  merge: Merge | null,
  subject: ReturnType<typeof subjectOf>,
): Promise<Warning[]> {
  if (merge === null) return [];
  if (link.as === 'told') {
    await brakeErasures(call, vault, hook, subject);
    return [];
  }
  const refused = merge.plan.taken.filter(({ property }) => !mayTouch(call, collection, 'write', property));
  if (refused.length > 0) return refused.map(({ property }) => ({ code: 'not_allowed', name: property }));
  try {
    await brakeErasures(call, vault, hook, subject);
    return [];
  } catch (error) {
    if (error instanceof VaultError && error.code === 'PV9089') return [{ code: 'postponed' }];
    throw error;
  }
}

async function record(
  { call, collection, link }: LinkContext,
  objects: readonly string[],
  merge: Merge | null,
): Promise<void> {
  const taken = merge?.plan.taken.map(({ property }) => property) ?? [];
  const facts = { objects, asked: taken.map((name) => [name, null] as const) };
  const touches = [
    ...touchProperties('write', taken),
    ...(link.as === 'told' ? touchDeletion(collection) : []),
  ];
  const decided = touches.length > 0 ? (await permit(call, collection, touches, facts)).rule : 'login';
  await call.record({
    ...{ collection: collection.name, ...facts },
    outcome: 'allowed',
    rule: `${decided} linked`,
  });
}

/** False where a login, a deletion or another link of one of them was faster. */
async function committed(
  vault: Vault,
  collection: KnownCollection,
  indexes: readonly IndexedValue[],
  statements: readonly Statement[],
): Promise<boolean> {
  try {
    await commitWithUniqueValues(vault, collection, indexes, statements);
    return true;
  } catch (error) {
    // A value that somebody else took meanwhile is looked at anew, too.
    if (isRaced(error) || (error instanceof VaultError && error.code === 'PV9001')) return false;
    throw error;
  }
}

import type { FoundSubject } from '../../../store/find-idp-subjects.js';
import { type Aim, type Aims, type Left, aimAt, valueFor } from '../../../idp/plan-restore.js';
import type { Adapter } from '../../../idp/adapter.js';
import { decide, type Touch } from '../../../policy/decide.js';
import type { IdpHook } from '../../../policy/idp-hooks.js';
import type { Call } from '../../call.js';
import type { KnownCollection } from '../../collection-named.js';
import { openObject } from '../../objects/open-object.js';
import type { Vault } from '../../vault.js';
import { holdingsOf } from '../holdings-of.js';
import { loginRules } from '../login-rules.js';

/** What may be put back for a hook, by whoever asks for it. */
export interface Restoring {
  readonly call: Call<'restoreIdpUsers'>;
  readonly vault: Vault;
  readonly collection: KnownCollection;
  readonly adapter: Adapter;
  readonly hook: IdpHook;
}

/** The properties that go with places, as far as the caller may read them in the clear. */
export function aimsOf({ call, collection, adapter, hook }: Restoring, places: readonly string[]): Aims {
  const rules = loginRules(adapter, hook);
  const mayRead = (property: string): boolean => mayReadPlain(call, collection, property);
  return aimAt(adapter, rules, collection.own.keys(), mayRead, places);
}

/** Everything whose values are looked at for these aims: their properties, and what keeps values that fit none. */
export function propertiesOf(
  { call, collection, hook: { quarantine } }: Restoring,
  aims: readonly Aim[],
): readonly string[] {
  if (aims.length === 0) return [];
  const isReadable =
    quarantine !== undefined && collection.own.has(quarantine) && mayReadPlain(call, collection, quarantine);
  return [...new Set([...aims.map(({ property }) => property), ...(isReadable ? [quarantine] : [])])];
}

/** What somebody's object has for these aims. Call it after the access was recorded. Throws PV9010. */
export async function heldFor(
  restoring: Restoring,
  { row, object }: FoundSubject,
  aims: readonly Aim[],
): Promise<{ readonly values: ReadonlyMap<string, unknown>; readonly left: readonly Left[] }> {
  const { vault, collection, hook } = restoring;
  const readable = propertiesOf(restoring, aims);
  const quarantine = readable.find((property) => property === hook.quarantine);
  const held = holdingsOf(collection, object && (await openObject(vault, object)), row);
  const values = new Map<string, unknown>();
  const left: Left[] = [];
  for (const aim of aims) {
    const found = valueFor(aim, held, quarantine);
    if (typeof found === 'string') left.push({ place: aim.place, reason: found });
    else values.set(aim.place, found.value);
  }
  return { values, left };
}

/** A masked value would be another. */
export function touchPlain(properties: readonly string[]): Touch[] {
  return properties.map((property) => ({
    operation: 'read',
    resource: { kind: 'property', property, needsPlain: true },
  }));
}

function mayReadPlain(call: Call, { facts }: KnownCollection, property: string): boolean {
  return decide(call.metadata.iam.compiled, {
    caller: call.principal.caller,
    collection: facts,
    reason: call.reason,
    touches: touchPlain([property]),
  }).allowed;
}

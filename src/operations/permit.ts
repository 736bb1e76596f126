import { VaultError } from '../errors.js';
import type { Revelation } from '../access-log/entry.js';
import type { RecordedTouch } from '../access-log/entry.js';
import { couldBeGranted } from '../policy/could-be-granted.js';
import { type Reveal, type Touch, decide } from '../policy/decide.js';
import { maskedProperties } from '../policy/masked-properties.js';
import type { Operation as PolicyOperation } from '../policy/operations.js';
import type { Call, Facts } from './call.js';
import type { KnownCollection } from './collection-named.js';

/** What a decision needs of a call that goes on: what may be shown, and what the log is to say of it. */
export interface Permission {
  readonly reveals: readonly Reveal[];
  readonly rule: string;
}

/**
 * Decides whether the call may do all of `touches`. A refusal is recorded with `facts` and thrown as PV1006; a permission is
 * returned unrecorded, since the record also says what will be shown.
 */
export async function permit(
  call: Call,
  collection: KnownCollection,
  touches: readonly Touch[],
  facts: Omit<Facts, 'outcome' | 'rule'>,
): Promise<Permission> {
  const decision = decide(call.metadata.iam.compiled, {
    caller: call.principal.caller,
    collection: collection.facts,
    reason: call.reason,
    touches,
  });
  const on = { collection: collection.name, touches: touches.map((touch) => recorded(touch, collection)) };
  call.decided({ rule: decision.rule, on });
  if (decision.allowed) return decision;

  await call.record({ collection: collection.name, ...facts, outcome: 'denied', rule: decision.rule });
  throw new VaultError('PV1006', { username: call.principal.user });
}

/**
 * Refuses, before anything is looked up, a caller that no policy could allow `operation` in the collection: PV1006, recorded with
 * what the request itself names.
 */
export async function refuseHopeless(
  call: Call,
  collection: KnownCollection,
  operation: PolicyOperation,
  facts: Omit<Facts, 'outcome' | 'rule'> = {},
): Promise<void> {
  const { compiled } = call.metadata.iam;
  if (couldBeGranted(compiled, call.principal.caller, operation, collection.name)) return;
  call.decided({
    rule: 'no-possible-grant',
    on: { collection: collection.name, touches: [[operation, '*']] },
  });
  await call.record({ collection: collection.name, ...facts, outcome: 'denied', rule: 'no-possible-grant' });
  throw new VaultError('PV1006', { username: call.principal.user });
}

/**
 * Refuses, as {@link permit} does, what would tell values of `properties` apart for a role that has a mask on one of them, where the operation
 * itself touches something else.
 */
export async function refuseMasked(
  call: Call,
  collection: KnownCollection,
  properties: Iterable<string>,
  facts: Omit<Facts, 'outcome' | 'rule'>,
): Promise<void> {
  const { compiled } = call.metadata.iam;
  const [masked] = maskedProperties(compiled, call.principal.caller, collection.name, properties);
  if (masked === undefined) return;
  const rule = `role-mask:${collection.name}/${masked}`;
  await call.record({ collection: collection.name, ...facts, outcome: 'denied', rule });
  throw new VaultError('PV1006', { username: call.principal.user });
}

/** One touch per property, for operations that touch properties as they are. */
export function touchProperties(operation: PolicyOperation, properties: Iterable<string>): Touch[] {
  return [...properties].map((property) => ({ operation, resource: { kind: 'property', property } }));
}

/** Touches of everything a collection holds, for what deletes it. */
export function touchDeletion(collection: KnownCollection): Touch[] {
  return touchProperties('delete', everythingIn(collection));
}

/** Touches of everything a collection holds, none of it behind a mask: for what carries values away. And what the log says of them. */
export function touchEverythingPlain(
  operation: PolicyOperation,
  collection: KnownCollection,
): { touches: Touch[]; asked: Revelation[] } {
  const names = everythingIn(collection);
  return {
    touches: names.map((property) => ({
      operation,
      resource: { kind: 'property', property, needsPlain: true },
    })),
    asked: names.map((name) => [name, null]),
  };
}

/** All properties; of a collection without any, the id stands in (docs/adr/0007). */
function everythingIn({ own }: KnownCollection): readonly string[] {
  return own.size > 0 ? [...own.keys()] : ['id'];
}

/** The touch of a collection's tokens as such. */
export function touchTokens(operation: PolicyOperation): Touch[] {
  return [{ operation, resource: { kind: 'tokens' } }];
}

/** A touch as the access log writes it, with the data type that the property has now. */
function recorded({ operation, resource }: Touch, { facts }: KnownCollection): RecordedTouch {
  if (resource.kind === 'tokens') return [operation];
  const { property, transformation = null, needsPlain } = resource;
  const typeName = facts.properties.get(property)?.typeName ?? '';
  if (needsPlain) return [operation, property, typeName, transformation, true];
  return transformation === null
    ? [operation, property, typeName]
    : [operation, property, typeName, transformation];
}

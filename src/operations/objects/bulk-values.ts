import { VaultError } from '../../errors.js';
import { findHolders } from '../../store/objects/find-conflicts.js';
import type { IndexedValue } from '../../store/objects/object-row.js';
import type { KnownCollection } from '../collection-named.js';
import type { Vault } from '../vault.js';
import type { Faults } from './bulk-items.js';

/** What an item does to unique values, as far as others could mind. */
export interface Claim {
  readonly id: string;
  /** Values the object is to have to itself. */
  readonly wanted: readonly IndexedValue[];
  /** Properties whose values it gives up, if it has any. */
  readonly gives: ReadonlySet<number>;
}

/** Blames, of the items that want the same unique value, all but the first. `claims` are by position, null for an item with a fault. */
export function blameSharedValues(
  collection: KnownCollection,
  claims: readonly (Claim | null)[],
  faults: Faults,
): void {
  const seen = new Set<string>();
  claims.forEach((claim, i) => {
    for (const index of claim?.wanted ?? []) {
      if (!index.unique) continue;
      const name = nameOf(index);
      if (seen.has(name) && !faults.has(i)) faults.set(i, takenValue(collection, index.property));
      seen.add(name);
    }
  });
}

/** Blames the items that want a unique value which an object holds that does not give it up in the same request. */
export async function blameTakenValues(
  vault: Vault,
  collection: KnownCollection,
  claims: readonly Claim[],
  faults: Faults,
): Promise<void> {
  const { version } = vault.keyring.lookup;
  const wanted = claims.flatMap((claim) => claim.wanted);
  const giving = new Map(claims.map(({ id, gives }) => [id, gives]));
  const holders = new Map<string, string>();
  for (const holder of await findHolders(vault.database, version, wanted)) {
    if (!giving.get(holder.object)?.has(holder.property)) holders.set(nameOf(holder), holder.object);
  }

  claims.forEach(({ id, wanted: own }, i) => {
    const taken = own.find((index) => {
      const holder = index.unique ? holders.get(nameOf(index)) : undefined;
      return holder !== undefined && holder !== id;
    });
    if (taken && !faults.has(i)) faults.set(i, takenValue(collection, taken.property));
  });
}

function nameOf({ property, value }: { readonly property: number; readonly value: Buffer }): string {
  return `${property} ${value.toString('hex')}`;
}

function takenValue(collection: KnownCollection, property: number): VaultError {
  const name = collection.ownById.get(property)?.name;
  return new VaultError('PV9001', name ? { property: name } : {});
}

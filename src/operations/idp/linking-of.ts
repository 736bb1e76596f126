import type { Warning } from '../../idp/event.js';
import type { IdpHook } from '../../policy/idp-hooks.js';
import type { Statement } from '../../store/database.js';
import {
  aliasSubject,
  deleteTokensOf,
  lockSubjects,
  moveAliases,
  requireHolder,
  takeOverObject,
} from '../../store/idp-links.js';
import { extendProvenance, insertSubject } from '../../store/change-idp-subjects.js';
import type { Alias, FoundSubject } from '../../store/find-idp-subjects.js';
import type { KnownCollection } from '../collection-named.js';
import type { Vault } from '../vault.js';
import type { IdpCall } from './hook-of.js';
import { type Merge, type WithObject, mergeObjects } from './merge-objects.js';
import { nameOf, subjectOf } from './subject-of.js';

/** Two identities of one hook, and how it is known that they are one person's. */
export interface Link {
  readonly primary: string;
  readonly secondary: string;
  readonly as: Alias;
}

/** What linking two subjects comes to: nothing, for a reason, or statements. */
export type Linking =
  | { readonly rule: string; readonly warnings: readonly Warning[] }
  | {
      readonly statements: readonly Statement[];
      readonly merge: Merge | null;
      readonly objects: readonly string[];
    };

/** Whose event it is, and what it says. */
export interface LinkContext {
  readonly call: IdpCall;
  readonly vault: Vault;
  readonly hook: IdpHook;
  readonly collection: KnownCollection;
  readonly link: Link;
}

/**
 * Decides what linking two subjects comes to: the secondary's row becomes an alias, its object goes into the primary's, or is the primary's where that has none. Of an alias of
 * somebody else the object is not theirs to give. Nothing is stored yet.
 */
export async function linkingOf(
  { call, vault, hook, collection, link }: LinkContext,
  primary: FoundSubject,
  secondary: FoundSubject,
): Promise<Linking> {
  const names = [link.primary, link.secondary].map((each) => nameOf(vault, subjectOf(hook, each)));
  const [first, second] = [names[0]!, names[1]!];
  const erased = [primary, secondary].some(({ row }) => row?.erasedAt);
  if (erased) return { rule: 'erased-before', warnings: [{ code: 'erased' }] };
  const isKnown = primary.row !== null && !primary.row.isFresh;
  if ((primary.object && !primary.active) || (isKnown && !primary.object))
    return { rule: 'no-object', warnings: [{ code: 'archived' }] };
  const isShownNow = link.as === 'shown' && secondary.row?.alias === 'told';
  const isOne = primary.row !== null && secondary.row !== null && primary.objectId === secondary.objectId;
  if (isOne && !isShownNow) return { rule: 'linked-before', warnings: [] };

  const move = { collection: collection.id, from: secondary.objectId, to: primary.objectId };
  const subject = { collection: collection.id, provenance: {}, now: call.startedAt, erasure: null };
  const alias = (to: string): Statement =>
    secondary.row
      ? aliasSubject(secondary.row.hash, { ...move, to }, link.as)
      : insertSubject({ ...second, ...subject, objectId: to, alias: link.as });
  const rows = [primary.row, secondary.row].flatMap((row) => (row ? [row.hash, row.holder] : []));
  const lock = lockSubjects(rows, collection.id, [primary.objectId, secondary.objectId]);

  const isOwn = (secondary.row?.alias ?? null) === null;
  if (!isOwn || !hasObject(secondary)) {
    const left = isOwn || isOne ? [] : [deleteTokensOf(collection.id, secondary.objectId)];
    const holder = primary.row
      ? requireHolder(collection.id, primary.objectId)
      : insertSubject({
          ...{ ...first, ...subject, objectId: primary.objectId },
          ...(!primary.object && { fresh: { suspendedAt: null, statusAt: null } }),
        });
    return {
      statements: [
        lock,
        holder,
        alias(primary.objectId),
        ...(isOwn && secondary.row ? [moveAliases(move)] : left),
      ],
      merge: null,
      objects: primary.object ? [primary.objectId] : [],
    };
  }
  if (!hasObject(primary)) {
    // Nothing to merge: the primary has nothing yet, and gets the very object. It is the secondary's no longer, so neither are its tokens.
    const { provenance = {} } = secondary.row ?? {};
    const taken = { collection: collection.id, from: primary.objectId, to: secondary.objectId };
    const holder = primary.row
      ? takeOverObject(primary.row.holder, taken, provenance)
      : insertSubject({ ...first, ...subject, objectId: secondary.objectId, provenance });
    return {
      statements: [
        lock,
        alias(secondary.objectId),
        holder,
        moveAliases(taken),
        deleteTokensOf(collection.id, secondary.objectId),
      ],
      merge: null,
      objects: [secondary.objectId],
    };
  }
  const merge = await mergeObjects(call, vault, collection, primary, secondary, first.issuerHash);
  const holder = primary.row
    ? extendProvenance(primary.row.holder, primary.objectId, merge.provenance)
    : insertSubject({ ...first, ...subject, objectId: primary.objectId, provenance: merge.provenance });
  return {
    statements: [lock, holder, alias(primary.objectId), moveAliases(move), ...merge.statements],
    merge,
    objects: [primary.objectId, secondary.objectId],
  };
}

function hasObject(found: FoundSubject): found is WithObject {
  return found.object !== null && found.active;
}

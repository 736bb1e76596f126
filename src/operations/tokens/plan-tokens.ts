import { randomUUID } from 'node:crypto';
import { VaultError } from '../../errors.js';
import type { Statement } from '../../store/database.js';
import { changeTokens, insertTokenKeys, insertTokens } from '../../store/tokens/change-tokens.js';
import { findRecords } from '../../store/tokens/find-reusable.js';
import { type UniqueTag, guardTags, lockTokens } from '../../store/tokens/guard-tokens.js';
import type { Call } from '../call.js';
import type { KnownCollection } from '../collection-named.js';
import { tenantForNew } from '../tenancy.js';
import type { Vault } from '../vault.js';
import { type ChosenId, chooseTokenIds } from './choose-token-ids.js';
import { type OpenToken, openToken } from './open-token.js';
import { type NewToken, prepareToken } from './prepare-token.js';
import { checkTagCount } from './read-tags.js';
import { rewriteToken } from './rewrite-token.js';
import { idsOfProperties } from './token-properties.js';
import { type TokenSource, textsOf } from './token-sources.js';
import { tellsEqualValues } from './token-types.js';
import type { TokenizeRequest } from './tokenize-request.js';

/** What a tokenize request comes to: the ids for the caller, and the statements that make it true. */
export interface TokenPlan {
  readonly ids: readonly string[];
  /** What must hold; run before anything is written. */
  readonly guards: readonly Statement[];
  readonly writes: readonly Statement[];
}

/** A record in the making: a new one, or one that exists and gets more tags, more properties or a longer life. */
type Draft = NewToken & { readonly existing: OpenToken | null };

/** Decides ids and records for all items. Throws what {@link chooseTokenIds} throws, and PV9007 where tags become too many. */
export async function planTokens(
  call: Call<'tokenize'>,
  vault: Vault,
  collection: KnownCollection,
  requests: readonly TokenizeRequest[],
  sources: readonly TokenSource[],
  expiresAt: Date | null,
): Promise<TokenPlan> {
  const items = requests.map((request, i) => ({
    request,
    // A pointer's values are the object's, and are not opened for nothing.
    texts:
      request.type === 'pointer' && request.template === null
        ? new Map<number, string>()
        : textsOf(collection, request.properties, sources[i]!),
  }));
  const { ids, guards, locks } = await chooseTokenIds(vault, collection, items);

  const drafted = items.map(({ request, texts }, i): Draft => {
    const { owner, tenant } = sources[i]!;
    return {
      ...ids[i]!,
      record: randomUUID(),
      type: request.type,
      scope: request.scope,
      owner,
      tenant: owner?.tenant ?? tenantForNew(call, tenant),
      props: idsOfProperties(collection, request.properties),
      texts,
      tags: request.tags,
      expiresAt,
      createdAt: call.startedAt,
      modifiedAt: null,
      existing: null,
    };
  });
  const existing = await findExisting(vault, collection, drafted, sources);
  const drafts = new Map<string, Draft>();
  drafted.forEach((draft, i) => {
    // Where each id is new, so is each record.
    const key = draft.valueHash ? recordKey(draft) : `item ${i}`;
    const before = drafts.get(key) ?? fromExisting(draft, existing.get(key));
    const merged = before ? merge(before, draft) : draft;
    checkTagCount(vault, merged.tags, requests[i]!.at);
    drafts.set(key, merged);
  });

  const unique = uniqueTags(vault, collection, requests, drafted);
  const locked = [...locks, ...unique.map(({ tag }) => tag)];
  return {
    ids: ids.map(({ id }) => id),
    guards: [
      ...(locked.length > 0 ? [lockTokens(locked)] : []),
      ...guards,
      ...(unique.length > 0 ? [guardTags(collection.id, unique)] : []),
    ],
    writes: await writesOf(vault, collection, [...drafts.values()], call.startedAt),
  };
}

/** The records that items of this request add to, by {@link recordKey}. */
async function findExisting(
  vault: Vault,
  collection: KnownCollection,
  drafts: readonly Draft[],
  sources: readonly TokenSource[],
): Promise<Map<string, OpenToken>> {
  // An object that is only now being added has no records.
  const asked = drafts.filter(({ type }, i) => tellsEqualValues(type) && !sources[i]!.added);
  const owners = new Map(
    asked.map((draft) => [
      recordKey(draft),
      { hash: draft.hash, objectId: draft.owner?.id ?? null, tenant: draft.tenant },
    ]),
  );
  const found = new Map<string, OpenToken>();
  for (const stored of await findRecords(vault.database, collection.id, [...owners.values()])) {
    const { hash, tenant, objectId } = stored;
    found.set(
      recordKey({ hash, tenant, owner: objectId === null ? null : { id: objectId } }),
      await openToken(vault, stored),
    );
  }
  return found;
}

function recordKey(token: Pick<ChosenId, 'hash'> & { tenant: string; owner: { id: string } | null }): string {
  return JSON.stringify([token.hash.toString('hex'), token.tenant, token.owner?.id ?? null]);
}

/** What a record is now, in the form of a draft. */
function fromExisting(draft: Draft, existing: OpenToken | undefined): Draft | null {
  if (!existing) return null;
  const { props, tags, expiresAt } = existing.meta;
  return { ...draft, props, tags, expiresAt, existing };
}

/** Tags and properties of both, and the longer life. */
function merge(before: Draft, more: Draft): Draft {
  return {
    ...before,
    props: [...new Set([...before.props, ...more.props])],
    tags: [...new Set([...before.tags, ...more.tags])],
    expiresAt: laterOf(before.expiresAt, more.expiresAt),
  };
}

/** Null is never, which is later than any moment. */
function laterOf(a: Date | null, b: Date | null): Date | null {
  if (!a || !b) return null;
  return a > b ? a : b;
}

/** The tags that must be nobody else's. Throws PV9044 where two tokens of this request want one. */
function uniqueTags(
  vault: Vault,
  collection: KnownCollection,
  requests: readonly TokenizeRequest[],
  drafts: readonly Draft[],
): UniqueTag[] {
  const wanted = requests.flatMap(({ uniqueTags: tags, at }, i) =>
    tags.map((tag) => ({ tag, at, tenant: drafts[i]!.tenant, hash: drafts[i]!.hash })),
  );
  for (const { tag, tenant, hash, at } of wanted) {
    const rival = drafts.some(
      (draft) => draft.tenant === tenant && draft.tags.includes(tag) && !draft.hash.equals(hash),
    );
    if (rival) throw new VaultError('PV9044', { field: at('ensure_unique_tenant_tags') });
  }
  return wanted.map(({ tag, tenant, hash }) => ({
    tag: vault.keyring.lookup.tag(collection.id, tag),
    tenant,
    hash,
  }));
}

async function writesOf(
  vault: Vault,
  collection: KnownCollection,
  drafts: readonly Draft[],
  now: Date,
): Promise<Statement[]> {
  const added = await Promise.all(
    drafts.filter(({ existing }) => !existing).map((draft) => prepareToken(vault, collection, draft)),
  );
  const keys = added.flatMap(({ write, ownKey }) => (ownKey ? [{ record: write.id, key: ownKey }] : []));
  const changes = drafts.flatMap(({ existing, props, tags, expiresAt }) =>
    existing && differs(existing, { props, tags, expiresAt })
      ? [rewriteToken(vault, collection, existing, { props, tags, expiresAt }, now)]
      : [],
  );
  return [
    ...(keys.length > 0 ? [insertTokenKeys(collection.id, keys)] : []),
    ...(added.length > 0 ? [insertTokens(added.map(({ write }) => write))] : []),
    ...(changes.length > 0 ? [changeTokens(collection.id, changes)] : []),
  ];
}

function differs({ meta }: OpenToken, now: Pick<NewToken, 'props' | 'tags' | 'expiresAt'>): boolean {
  return (
    now.props.length !== meta.props.length ||
    now.tags.length !== meta.tags.length ||
    now.expiresAt?.getTime() !== meta.expiresAt?.getTime()
  );
}

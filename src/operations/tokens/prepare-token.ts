import { randomUUID } from 'node:crypto';
import {
  type ObjectKey,
  type PackedField,
  type TokenRow,
  type WrappedObjectKey,
  encodePacked,
  sealTokenField,
  sealTokenMeta,
} from '../../crypto/index.js';
import type { TokenWrite } from '../../store/tokens/token-row.js';
import type { Call } from '../call.js';
import type { KnownCollection } from '../collection-named.js';
import { openFieldText } from '../objects/open-object.js';
import { tenantForNew } from '../tenancy.js';
import type { Vault } from '../vault.js';
import { placeOfToken } from './open-token.js';
import { idsOfProperties } from './token-properties.js';
import type { TokenSource } from './token-sources.js';
import type { TokenizeRequest } from './tokenize-request.js';

/** A new token, sealed and ready to be inserted. */
export interface PreparedToken {
  /** What the caller gets. */
  readonly id: string;
  readonly write: TokenWrite;
  /** Its own key, where it belongs to no object. */
  readonly ownKey: WrappedObjectKey | null;
}

/** The ids of a new token: what the caller gets, and its record's. */
export interface TokenIds {
  readonly token: string;
  readonly record: string;
}

/** Seals a new token. A pointer carries no values, a randomized one the values of this moment. */
export async function prepareToken(
  call: Call,
  vault: Vault,
  collection: KnownCollection,
  request: TokenizeRequest,
  source: TokenSource,
  expiresAt: Date | null,
  // Random, as the API wants a UUID: 122 bits, kept only as a keyed hash.
  { token: id, record }: TokenIds = { token: randomUUID(), record: randomUUID() },
): Promise<PreparedToken> {
  const owner = source.object?.row.id ?? source.added?.id ?? null;
  const tenant = source.object?.row.tenant ?? source.added?.place.tenant ?? tenantOf(call, request);
  const place = { tenant, collection: collection.id, record };
  const keyset = await vault.keyring.sealing(collection.id, tenant);
  const key = source.object?.key ?? source.added?.key ?? keyset.newObjectKey();

  const { lookup } = vault.keyring;
  const texts = request.type === 'pointer' ? null : textsOf(collection, request, source);
  const snapshot = texts && sealSnapshot(key, place, texts);
  const row: TokenRow = {
    ...place,
    hash: lookup.tokenHash(collection.id, id),
    type: request.type,
    scope: request.scope,
    object: owner,
    revision: 1,
    snapshot,
  };
  const props = idsOfProperties(collection, request.properties);
  const meta = sealTokenMeta(key, row, { tokenId: id, props, tags: request.tags, expiresAt });
  const write: TokenWrite = {
    id: record,
    collection: collection.id,
    hash: Buffer.from(row.hash),
    lookupVersion: lookup.version,
    type: request.type,
    scope: request.scope,
    objectId: owner,
    tenant,
    revision: 1,
    sealed: snapshot && encodePacked(snapshot),
    meta,
    tags: request.tags.map((tag) => lookup.tag(collection.id, tag)),
    expiresAt,
    createdAt: call.startedAt,
  };
  return { id, write, ownKey: owner ? null : keyset.wrapTokenKey(key, placeOfToken(row)) };
}

function tenantOf(call: Call, request: TokenizeRequest): string {
  return tenantForNew(call, request.input.kind === 'fields' ? request.input.read.tenant : undefined);
}

/** Property id and text of each value to be kept. */
function textsOf(
  collection: KnownCollection,
  request: TokenizeRequest,
  source: TokenSource,
): ReadonlyMap<number, string> {
  const texts = new Map<number, string>();
  const wanted = request.properties.flatMap((name) => collection.own.get(name) ?? []);
  for (const property of wanted) {
    const text =
      request.input.kind === 'fields'
        ? (request.input.read.fields.find((field) => field.property.id === property.id)?.text ?? null)
        : openFieldText(source.object!, property.id);
    if (text !== null) texts.set(property.id, text);
  }
  return texts;
}

function sealSnapshot(
  key: ObjectKey,
  place: { tenant: string; collection: number; record: string },
  texts: ReadonlyMap<number, string>,
): PackedField[] {
  return [...texts].map(([property, text]) => sealTokenField(key, place, property, 1, text));
}

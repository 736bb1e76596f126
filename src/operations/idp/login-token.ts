import { createHash, randomUUID } from 'node:crypto';
import { expirationIn } from '../expiration.js';
import type { NewToken } from '../tokens/prepare-token.js';
import { idsOfProperties } from '../tokens/token-properties.js';
import { type TokenSource, textsOf } from '../tokens/token-sources.js';
import { mayTouch } from './may-touch.js';
import type { StoringContext } from './storing-of.js';

/** All that the role may tokenize but the quarantine, or what the client's list says; nothing without a client, or with lists among which it has none. */
export function propertiesOfToken({ call, collection, hook, event }: StoringContext): readonly string[] {
  const { clientId } = event;
  if (clientId === undefined) return [];
  const all = [...collection.own.keys()].filter((property) => property !== hook.quarantine);
  const wanted = hook.clients ? (hook.clients.get(clientId) ?? []) : all;
  return wanted.filter(
    (property) => collection.own.has(property) && mayTouch(call, collection, 'tokenize', property),
  );
}

/** A randomized token: the values of this moment, under the key of their object. */
export function newLoginToken(
  context: StoringContext,
  source: TokenSource,
  props: readonly string[],
): NewToken {
  const { call, vault, collection, hook } = context;
  const { record, token: id } = tokenIds(context);
  return {
    record,
    id,
    hash: vault.keyring.lookup.tokenHash(collection.id, id),
    valueHash: null,
    type: 'randomized',
    scope: 'default',
    owner: source.owner,
    tenant: hook.tenant,
    props: idsOfProperties(collection, props),
    texts: textsOf(collection, props, source),
    tags: [],
    expiresAt: expirationIn(hook.tokenSeconds, call.startedAt),
    createdAt: call.startedAt,
    modifiedAt: null,
  };
}

/** The same for an event that is sent again, where the provider names the transaction; else random: 122 bits, kept only as a keyed hash. */
function tokenIds({ call, vault, event, subject }: StoringContext): { token: string; record: string } {
  const { transaction } = event;
  if (transaction === undefined) return { token: randomUUID(), record: randomUUID() };
  const name = 'event' in call.path ? call.path.event : '';
  const digest = createHash('sha256').update(JSON.stringify(call.body)).digest();
  return vault.keyring.lookup.eventIds(subject, { name, transaction, digest });
}

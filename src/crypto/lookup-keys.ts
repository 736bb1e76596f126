import { timingSafeEqual } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { VaultError } from '../errors.js';
import { type SealedIam, type SealedIamVersion, iamSealMessage, iamVersionMessage } from './iam-seal.js';
import type { Key } from './key.js';
import { type TokenValues, encodeTokenValues } from './token-values.js';
import { tuple, u32 } from './tuple.js';

const BLIND_INDEX_BYTES = 16;
const CURSOR_TAG_BYTES = 16;
/** Five free digits between the first six and the last four of a card number; the sixth is the check digit's. */
const CARD_CHOICES = 100_000n;

/** Somebody as an identity provider names them, and the tenant of the vault they belong to (empty: none). */
export interface LinkedSubject {
  readonly provider: string;
  readonly issuer: string;
  readonly tenant: string;
  readonly subject: string;
  /** Set where it is the user as a member of this organization, who has an object apart from the user's own. */
  readonly organization?: string;
}

/** An event of a subject: its name, the provider's id of the transaction, and SHA-256 of what it said. */
export interface LinkedEvent {
  readonly name: string;
  readonly transaction: string;
  readonly digest: Uint8Array;
}

const NO_EVENT = new Uint8Array(0);

/**
 * One version of the lookup lineage: everything that must stay findable when data keys rotate. Each purpose has its own
 * sub-key (docs/FORMAT.md section 2), so no two of these hashes can be compared with each other.
 */
export class LookupKeys {
  readonly version: number;
  readonly #root: Key;
  readonly #subKeys = new LRUCache<string, Key>({ max: 10_000 });

  constructor(version: number, root: Key) {
    this.version = version;
    this.#root = root;
  }

  /** The blind index of a value, given as the compact JSON of its normal form: 16 bytes. */
  blindIndex(collection: number, property: number, text: string): Buffer {
    return this.#sub('coatcheck/v1/blind-index', collection, property).mac(
      Buffer.from(text),
      BLIND_INDEX_BYTES,
    );
  }

  /** What tells whether a substring filter of the property holds a trigram: 32 bytes. */
  substringTrapdoor(collection: number, property: number, trigram: string): Buffer {
    return this.#sub('coatcheck/v1/substring', collection, property).mac(Buffer.from(trigram), 32);
  }

  /** What a token id is found by: 32 bytes. */
  tokenHash(collection: number, tokenId: string): Buffer {
    return this.#sub('coatcheck/v1/token-hash', collection).mac(Buffer.from(tokenId), 32);
  }

  /** What a tag is found by: 16 bytes. */
  tag(collection: number, tag: string): Buffer {
    return this.#sub('coatcheck/v1/tag', collection).mac(Buffer.from(tag), 16);
  }

  /** What tokens of a type are recognised by that stand for these values: 32 bytes. */
  tokenValues(type: string, values: TokenValues): Buffer {
    const key = this.#sub('coatcheck/v1/token-values', values.space);
    return key.mac(tuple(type, encodeTokenValues(values)), 32);
  }

  /** The id of the deterministic token of these values: shaped as a UUID, without a version. */
  deterministicToken(values: TokenValues): string {
    const key = this.#sub('coatcheck/v1/deterministic-token', values.space);
    const digits = key.mac(encodeTokenValues(values), 16).toString('hex');
    return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  }

  /** The digits in the middle of the format-preserving id of these values: 0 to 99,999, another for each attempt. */
  deterministicCardDigits(values: TokenValues, attempt: number): number {
    const key = this.#sub('coatcheck/v1/deterministic-card', values.space);
    const bytes = key.mac(tuple(encodeTokenValues(values), u32(attempt)), 16);
    return Number(bytes.readBigUInt64BE(0) % CARD_CHOICES);
  }

  /** What a transaction is found by: 32 bytes. */
  transaction(collection: number, operation: string, id: string): Buffer {
    return this.#sub('coatcheck/v1/transaction', collection).mac(tuple(operation, id), 32);
  }

  /** How the access log names a token: 32 hex digits. */
  logReference(collection: number, tokenId: string): string {
    return this.#sub('coatcheck/v1/log-reference')
      .mac(tuple(u32(collection), tokenId), 16)
      .toString('hex');
  }

  /** What is stored of an API key: 32 bytes. */
  apiKeyHash(apiKey: string): Buffer {
    return this.#sub('coatcheck/v1/api-key').hmacSha256(apiKey);
  }

  /** What an idempotency record is found by: 32 bytes. */
  idempotency(user: string, operation: string, key: string): Buffer {
    return this.#sub('coatcheck/v1/idempotency').mac(tuple(user, operation, key), 32);
  }

  /** What a subject of an identity provider is found by: 32 bytes. */
  subjectHash(subject: LinkedSubject): Buffer {
    return this.#link('subject', subject, 32);
  }

  /** Which issuer a subject belongs to: 16 bytes, equal for all its subjects. */
  issuerHash({ provider, issuer, tenant }: Omit<LinkedSubject, 'subject'>): Buffer {
    return this.#sub('coatcheck/v1/link').mac(tuple('issuer', provider, issuer, tenant), 16);
  }

  /** The id of the object that a subject gets, a UUID of version 8: the same at every login, and nothing that the subject's name gives away. */
  linkedObjectId(subject: LinkedSubject): string {
    return asUuid(this.#link('object', subject, 16), 8);
  }

  /**
   * Two UUIDs of version 4 for what one event of a subject makes, so that its repetition makes the same: pseudo-random to everybody without this key.
   */
  eventIds(subject: LinkedSubject, event: LinkedEvent): { readonly token: string; readonly record: string } {
    const named = tuple(event.name, event.transaction, event.digest);
    return {
      token: asUuid(this.#link('token', subject, 16, named), 4),
      record: asUuid(this.#link('record', subject, 16, named), 4),
    };
  }

  /** The MAC of a version of the IAM configuration, chained to the one before: 32 bytes. */
  iamVersionMac(row: SealedIamVersion, previous: Buffer | null): Buffer {
    return this.#sub('coatcheck/v1/iam-version').mac(iamVersionMessage(row, previous), 32);
  }

  /** The MAC over the configuration in force and all API keys: 32 bytes. */
  iamSeal(iam: SealedIam): Buffer {
    return this.#sub('coatcheck/v1/iam-seal').mac(iamSealMessage(iam), 32);
  }

  /** An opaque cursor for a position, fitting only the parameters it was made for. */
  cursor(parameters: string, position: unknown): string {
    const text = JSON.stringify(position);
    return Buffer.concat([this.#cursorTag(parameters, text), Buffer.from(text)]).toString('base64url');
  }

  /** The position in a cursor. Throws PV9005 for one made by somebody else or for other parameters. */
  readCursor(parameters: string, cursor: string): unknown {
    const bytes = Buffer.from(cursor, 'base64url');
    const text = bytes.subarray(CURSOR_TAG_BYTES).toString('utf8');
    const genuine =
      bytes.length > CURSOR_TAG_BYTES &&
      timingSafeEqual(bytes.subarray(0, CURSOR_TAG_BYTES), this.#cursorTag(parameters, text));
    if (!genuine) throw new VaultError('PV9005', { field: 'cursor' });
    return JSON.parse(text) as unknown;
  }

  #link(purpose: string, named: LinkedSubject, length: number, event: Uint8Array = NO_EVENT): Buffer {
    const { provider, issuer, tenant, subject, organization } = named;
    if (organization !== undefined)
      return this.#sub('coatcheck/v1/organization').mac(
        tuple(purpose, provider, issuer, tenant, subject, organization, event),
        length,
      );
    return this.#sub('coatcheck/v1/link').mac(
      tuple(purpose, provider, issuer, tenant, subject, event),
      length,
    );
  }

  #cursorTag(parameters: string, text: string): Buffer {
    return this.#sub('coatcheck/v1/cursor').mac(tuple(parameters, text), CURSOR_TAG_BYTES);
  }

  #sub(label: string, ...ids: readonly number[]): Key {
    const name = [label, ...ids].join('/');
    let key = this.#subKeys.get(name);
    if (!key) {
      key = this.#root.sub(label, ...ids.map(u32));
      this.#subKeys.set(name, key);
    }
    return key;
  }
}

/** 16 bytes as a UUID, the bits of its version and variant set (RFC 9562). */
function asUuid(bytes: Buffer, version: 4 | 8): string {
  bytes[6] = (bytes[6]! & 0x0f) | (version << 4);
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [
    [0, 8],
    [8, 12],
    [12, 16],
    [16, 20],
    [20, 32],
  ]
    .map(([from, to]) => hex.slice(from, to))
    .join('-');
}

import { tuple, u32, u64, untuple } from './tuple.js';

const ENTRY_BYTES = 5;
const LAST_MOMENT = 8_640_000_000_000_000;

/** One value in a ciphertext. */
export interface CiphertextField {
  readonly property: number;
  /** Compact JSON of the normal form, or what is bytes by nature as those. */
  readonly form: 'json' | 'bytes';
  readonly value: Uint8Array;
}

/** What a ciphertext holds. */
export interface Content {
  readonly expiresAt: Date | null;
  readonly tags: readonly string[];
  /** In any order, each property once; they come back in the order of their numbers. */
  readonly fields: readonly CiphertextField[];
}

/** The bytes of docs/FORMAT.md section 10: one spelling for one content. */
export function encodeContent({ expiresAt, tags, fields }: Content): Buffer {
  const entries = [...fields]
    .sort((a, b) => a.property - b.property)
    .flatMap(({ property, form, value }) => [
      Buffer.concat([u32(property), Buffer.of(form === 'json' ? 0 : 1)]),
      value,
    ]);
  return tuple(u64(expiryOf(expiresAt)), tuple(...tags), ...entries);
}

/** Reads what {@link encodeContent} wrote, values being views of it. Throws for anything else. */
export function decodeContent(bytes: Buffer): Content {
  const [expiry, tags, ...entries] = untuple(bytes);
  if (!expiry || !tags || entries.length % 2 !== 0) throw new RangeError('not the content of a ciphertext');

  const fields: CiphertextField[] = [];
  let previous = -1;
  for (let i = 0; i < entries.length; i += 2) {
    const entry = entries[i]!;
    const property = entry.readUInt32BE(0);
    const form = entry[4];
    if (entry.length !== ENTRY_BYTES || form === undefined || form > 1 || property <= previous) {
      throw new RangeError('not the content of a ciphertext');
    }
    fields.push({ property, form: form === 0 ? 'json' : 'bytes', value: entries[i + 1]! });
    previous = property;
  }
  return { expiresAt: momentOf(expiry), tags: untuple(tags).map((tag) => tag.toString('utf8')), fields };
}

/** 0 is never, so a moment at or before 1970 must not pass for it. Throws a RangeError. */
function expiryOf(expiresAt: Date | null): number {
  if (expiresAt === null) return 0;
  const at = expiresAt.getTime();
  if (!(at > 0)) throw new RangeError('an expiry is after 1970');
  return at;
}

function momentOf(bytes: Buffer): Date | null {
  const at = Number(bytes.readBigUInt64BE(0));
  if (bytes.length !== 8 || at > LAST_MOMENT) throw new RangeError('not a moment');
  return at === 0 ? null : new Date(at);
}

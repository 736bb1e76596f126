import { MAC, type Part, open, sub, tuple, u32, u64, unhex, uuid } from './by-the-document.js';

/** docs/FORMAT.md section 10, followed by hand: nothing here comes from src/. */
export interface Keyset {
  id: string;
  version: number;
  collection: number;
  tenant: string;
  secret: string;
}

export interface Field {
  property: number;
  form: 'json' | 'bytes';
  value: string;
}

/** The bytes a content has: `value` is JSON text, or hex where the form is bytes. */
export function contentOf(expires: number | null, tags: string[], fields: Field[]): Buffer {
  const sorted = [...fields].sort((a, b) => a.property - b.property);
  const entries = sorted.flatMap(({ property, form, value }): Part[] =>
    form === 'json'
      ? [Buffer.concat([u32(property), Buffer.of(0)]), value]
      : [Buffer.concat([u32(property), Buffer.of(1)]), unhex(value)],
  );
  return tuple(u64(expires ?? 0), tuple(...tags), ...entries);
}

/** Checks the header and the commitment of a ciphertext and opens it. Throws where a rule of the page is broken. */
export function decipher(keyset: Keyset, scope: string, text: string): { type: string; content: Buffer } {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) throw new Error('not the canonical spelling');
  const header = bytes.subarray(0, 23);
  const type = header[2] === 1 ? 'randomized' : 'deterministic';
  const expected = Buffer.concat([
    Buffer.of(1, 1, type === 'randomized' ? 1 : 2),
    uuid(keyset.id),
    u32(keyset.version),
  ]);
  if (!header.equals(expected)) throw new Error('another header');

  const k = unhex(keyset.secret);
  const aad = tuple('coatcheck/v1/ciphertext', header, keyset.tenant, u32(keyset.collection), scope);
  const nonce = bytes.subarray(55, 79);
  const hashed = Buffer.concat([nonce, MAC(Buffer.alloc(0), aad, 32)]);
  const commitment = MAC(sub(k, 'coatcheck/v1/ciphertext-commitment'), hashed, 32);
  if (!commitment.equals(bytes.subarray(23, 55))) throw new Error('another commitment');

  const label = type === 'randomized' ? 'coatcheck/v1/ciphertext' : 'coatcheck/v1/ciphertext-deterministic';
  const content = open(sub(k, label), aad, bytes.subarray(55));
  if (type === 'deterministic') {
    const synthetic = MAC(sub(k, 'coatcheck/v1/ciphertext-nonce'), tuple(aad, content), 24);
    if (!synthetic.equals(nonce)) throw new Error('another nonce');
  }
  return { type, content };
}

import { VaultError } from '../errors.js';

/** One sealed field inside a packed column. */
export interface PackedField {
  readonly property: number;
  /** Revision of the object at which the field was last written; bound into its associated data. */
  readonly revision: number;
  readonly sealed: Uint8Array;
}

const FORMAT = 1;
const HEAD_BYTES = 3;
const ENTRY_HEAD_BYTES = 12;
const MANIFEST_ENTRY_BYTES = 8;

/** Packs fields, in any order, into the bytes of docs/FORMAT.md section 4. At most 65,535 fields, each property once. */
export function encodePacked(fields: readonly PackedField[]): Buffer {
  const sorted = [...fields].sort((a, b) => a.property - b.property);
  const size = sorted.reduce((sum, field) => sum + ENTRY_HEAD_BYTES + field.sealed.length, HEAD_BYTES);

  const bytes = Buffer.allocUnsafe(size);
  let at = bytes.writeUInt8(FORMAT, 0);
  at = bytes.writeUInt16BE(sorted.length, at);
  for (const field of sorted) {
    at = bytes.writeUInt32BE(field.property, at);
    at = bytes.writeUInt32BE(field.revision, at);
    at = bytes.writeUInt32BE(field.sealed.length, at);
    bytes.set(field.sealed, at);
    at += field.sealed.length;
  }
  return bytes;
}

/** Unpacks a column, the sealed parts being views of it. Throws PV9010 for anything {@link encodePacked} would not write. */
export function decodePacked(bytes: Buffer): PackedField[] {
  if (bytes.length < HEAD_BYTES || bytes[0] !== FORMAT) throw new VaultError('PV9010');
  const count = bytes.readUInt16BE(1);

  const fields: PackedField[] = [];
  let at = HEAD_BYTES;
  let previous = -1;
  for (let i = 0; i < count; i++) {
    if (at + ENTRY_HEAD_BYTES > bytes.length) throw new VaultError('PV9010');
    const property = bytes.readUInt32BE(at);
    const revision = bytes.readUInt32BE(at + 4);
    const length = bytes.readUInt32BE(at + 8);
    at += ENTRY_HEAD_BYTES;
    if (property <= previous || at + length > bytes.length) throw new VaultError('PV9010');
    fields.push({ property, revision, sealed: bytes.subarray(at, at + length) });
    previous = property;
    at += length;
  }
  if (at !== bytes.length) throw new VaultError('PV9010');
  return fields;
}

/** Which fields there are and when each was written: what the wrap of the object key is bound to. */
export function manifestOf(fields: readonly PackedField[]): Buffer {
  const sorted = [...fields].sort((a, b) => a.property - b.property);
  const bytes = Buffer.allocUnsafe(HEAD_BYTES + sorted.length * MANIFEST_ENTRY_BYTES);
  let at = bytes.writeUInt8(FORMAT, 0);
  at = bytes.writeUInt16BE(sorted.length, at);
  for (const field of sorted) {
    at = bytes.writeUInt32BE(field.property, at);
    at = bytes.writeUInt32BE(field.revision, at);
  }
  return bytes;
}

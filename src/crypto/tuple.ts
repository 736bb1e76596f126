/** An element of a tuple: bytes as they are, text as UTF-8. Integers are given as {@link u32} or {@link u64}. */
export type TupleElement = Uint8Array | string;

/** Four bytes, big-endian. Throws a RangeError outside 0 … 2^32-1. */
export function u32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** Eight bytes, big-endian, of a non-negative safe integer. */
export function u64(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

const UUID_BYTES = 16;
const DASH = 0x2d;
/** The value of each character that is a hexadecimal digit, -1 for the others of ASCII. */
const HEX_DIGITS = Int8Array.from({ length: 128 }, (_, code) =>
  '0123456789abcdef'.indexOf(String.fromCharCode(code).toLowerCase()),
);

/** The 16 bytes of a UUID in its text form. Throws a RangeError for a text that is none: it would be cut off in silence. */
export function uuidBytes(uuid: string): Buffer {
  const bytes = Buffer.allocUnsafe(UUID_BYTES);
  // Digit by digit where they stand: taking the dashes out first and then reading hex took more than twice as long.
  let at = 0;
  let high = -1;
  for (let i = 0; i < uuid.length; i++) {
    const code = uuid.charCodeAt(i);
    if (code === DASH) continue;
    const digit = code < 128 ? HEX_DIGITS[code]! : -1;
    if (digit < 0 || at === UUID_BYTES) throw new RangeError('not a UUID');
    if (high < 0) high = digit;
    else {
      bytes[at++] = (high << 4) | digit;
      high = -1;
    }
  }
  if (at !== UUID_BYTES || high >= 0) throw new RangeError('not a UUID');
  return bytes;
}

/**
 * The injective encoding of a list (docs/FORMAT.md section 1; the idea of TupleHash, NIST SP 800-185): count, then each
 * element behind its length. Joining with a separator instead would let `ab`,`c` pass for `a`,`bc`.
 */
export function tuple(...elements: readonly TupleElement[]): Buffer {
  let size = 4;
  const lengths = elements.map((element) => {
    const length = typeof element === 'string' ? Buffer.byteLength(element) : element.length;
    size += 4 + length;
    return length;
  });

  const bytes = Buffer.allocUnsafe(size);
  let at = bytes.writeUInt32BE(elements.length, 0);
  elements.forEach((element, i) => {
    const length = lengths[i]!;
    at = bytes.writeUInt32BE(length, at);
    if (typeof element === 'string') bytes.write(element, at, 'utf8');
    else bytes.set(element, at);
    at += length;
  });
  return bytes;
}

/** The elements of a {@link tuple}, as views of `bytes`. Throws a RangeError for anything {@link tuple} would not write. */
export function untuple(bytes: Buffer): Buffer[] {
  const count = bytes.readUInt32BE(0);
  const elements: Buffer[] = [];
  let at = 4;
  for (let i = 0; i < count; i++) {
    const end = at + 4 + bytes.readUInt32BE(at);
    if (end > bytes.length) throw new RangeError('an element is longer than the tuple');
    elements.push(bytes.subarray(at + 4, end));
    at = end;
  }
  if (at !== bytes.length) throw new RangeError('bytes are left over');
  return elements;
}

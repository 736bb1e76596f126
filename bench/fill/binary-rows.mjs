/** What PostgreSQL's binary COPY begins and ends with: signature, no flags, no extension; and in place of a row's number of fields, -1. */
export const COPY_HEAD = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)]);
export const COPY_END = Buffer.from([0xff, 0xff]);

/** PostgreSQL counts microseconds from here. */
const EPOCH_MS = Date.UTC(2000, 0, 1);
const BYTEA = 17;
/** No dimensions, no nulls, of this type: an array without elements. */
const EMPTY_ARRAY = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, BYTEA]);

/** Rows of one table as binary COPY wants them: fields as PostgreSQL's own send functions write them, so nothing is parsed. */
export class BinaryRows {
  #bytes = Buffer.allocUnsafeSlow(1 << 20);
  #at = 0;

  /** Begins a row. @param {number} fields */
  row(fields) {
    this.#reserve(2);
    this.#at = this.#bytes.writeInt16BE(fields, this.#at);
    return this;
  }

  null() {
    return this.#length(-1);
  }

  /** @param {number} value */
  int4(value) {
    this.#length(4);
    this.#at = this.#bytes.writeInt32BE(value, this.#at);
    return this;
  }

  /** @param {boolean} value */
  boolean(value) {
    this.#length(1);
    this.#at = this.#bytes.writeUInt8(Number(value), this.#at);
    return this;
  }

  /** @param {string} value */
  text(value) {
    this.#length(Buffer.byteLength(value));
    this.#at += this.#bytes.write(value, this.#at);
    return this;
  }

  /** @param {string} value */
  uuid(value) {
    this.#length(16);
    this.#at += this.#bytes.write(value.replaceAll('-', ''), this.#at, 'hex');
    return this;
  }

  /** @param {Date} value */
  timestamp(value) {
    this.#length(8);
    this.#at = this.#bytes.writeBigInt64BE(BigInt(value.getTime() - EPOCH_MS) * 1_000n, this.#at);
    return this;
  }

  /** @param {Uint8Array} value */
  bytes(value) {
    this.#length(value.length);
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
    return this;
  }

  noBytes() {
    return this.bytes(EMPTY_ARRAY);
  }

  /** The rows so far, in memory of their own that can be given to another thread; the next rows begin anew. */
  take() {
    const taken = this.#bytes.buffer.slice(0, this.#at);
    this.#at = 0;
    return taken;
  }

  /** The length that stands before a field; there is room for both afterwards. @param {number} bytes */
  #length(bytes) {
    this.#reserve(4 + Math.max(bytes, 0));
    this.#at = this.#bytes.writeInt32BE(bytes, this.#at);
    return this;
  }

  /** @param {number} bytes */
  #reserve(bytes) {
    if (this.#at + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(2 * (this.#at + bytes));
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#bytes = larger;
  }
}

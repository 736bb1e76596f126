/** Whether a text occurs in one line after the other of a buffer: each part of the buffer is searched once, however many lines it has. */
export class Needle {
  readonly #bytes: Buffer;
  #in: Buffer | undefined;
  #at = -1;

  constructor(text: string) {
    this.#bytes = Buffer.from(text);
  }

  /** Whether it begins in the part of `buffer` between two places. Lines must be asked for in order. */
  within(buffer: Buffer, start: number, end: number): boolean {
    if (this.#in !== buffer || this.#at < start) {
      this.#in = buffer;
      const found = buffer.indexOf(this.#bytes, start);
      this.#at = found < 0 ? Infinity : found;
    }
    return this.#at < end;
  }
}

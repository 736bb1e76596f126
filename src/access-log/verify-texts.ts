import type { LogText } from '../store/access-log/read.js';
import { type Entry, SALT_BYTES, TEXT_KINDS, textHash } from './entry.js';
import { Wrong } from './wrong.js';

/**
 * Holds free texts against what their entries commit to. A text that is not there is wrong unless a later entry says that it was erased, so what is missing is kept
 * until the log has been read that far.
 */
export class TextVerifier {
  /** Position -> what is wrong unless it was erased. */
  readonly #missing = new Map<number, string>();

  /** Takes the next entry and the texts that stand beside it. Throws {@link Wrong} for a text that was not recorded. */
  take(index: number, entry: Entry, texts: readonly LogText[]): void {
    const hashes = { adhoc_reason: entry.adhoc_hash, custom_audit: entry.custom_hash };
    const stray = texts.find((each) => !TEXT_KINDS.some((kind) => kind === each.kind));
    if (stray) throw new Wrong(index, 'there is a free text of an unknown kind');
    for (const kind of TEXT_KINDS) {
      const text = texts.find((each) => each.kind === kind);
      // A longer salt could have swallowed the beginning of the text without changing the hash.
      if (text && text.salt.length !== SALT_BYTES)
        throw new Wrong(index, `the salt of the ${kind} was changed`);
      const problem = `the ${kind} is not the one that was recorded`;
      if (text && hashes[kind] !== textHash(text.salt, text.text)) throw new Wrong(index, problem);
      if (!text && hashes[kind] !== undefined && !this.#missing.has(index)) this.#missing.set(index, problem);
    }
    this.takeErasure(index, entry);
  }

  /** Takes of an entry no more than which texts it erased. */
  takeErasure(index: number, entry: Entry): void {
    // Erased means for good and from here on: an entry says nothing about texts of entries behind it.
    if (entry.operation === 'eraseAuditTexts' && entry.outcome === 'allowed') {
      for (const erased of entry.erased ?? []) if (erased < index) this.#missing.delete(erased);
    }
  }

  /** Whether texts are missing that no entry so far accounts for. */
  get open(): boolean {
    return this.#missing.size > 0;
  }

  /** Throws {@link Wrong} for the first text of an entry before `end` that is missing and was not erased. */
  settle(end: number): void {
    const lost = [...this.#missing.keys()].filter((index) => index < end).sort((a, b) => a - b)[0];
    if (lost !== undefined) throw new Wrong(lost, this.#missing.get(lost)!);
  }
}

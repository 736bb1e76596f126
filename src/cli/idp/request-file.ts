import { type FileHandle, open } from 'node:fs/promises';
import { CommandError } from '../terminal.js';

/** The requests that are to be sent to the provider, a line each. What belongs to users who are not settled is cut off when a run goes on. */
export class RequestFile {
  readonly #file: FileHandle;
  #bytes: number;

  private constructor(file: FileHandle, bytes: number) {
    this.#file = file;
    this.#bytes = bytes;
  }

  /** Throws {@link CommandError} for a file that cannot be written, or is not the one that the journal is about. */
  static async open(path: string, bytes: number, isNew: boolean): Promise<RequestFile> {
    const file = await open(path, 'a+', 0o600).catch((error: unknown) => {
      throw new CommandError(`Cannot write ${path}: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}.`);
    });
    const { size } = await file.stat();
    if (size >= bytes && !(isNew && size > 0)) {
      await file.truncate(bytes);
      return new RequestFile(file, bytes);
    }
    await file.close();
    throw new CommandError(
      isNew ? `${path} has something in it already.` : `${path} is shorter than the journal says.`,
    );
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Durable when it resolves. */
  async append(requests: readonly object[]): Promise<void> {
    if (requests.length === 0) return;
    const lines = Buffer.from(requests.map((request) => `${JSON.stringify(request)}\n`).join(''));
    await this.#file.appendFile(lines);
    await this.#file.datasync();
    this.#bytes += lines.length;
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

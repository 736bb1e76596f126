import { once } from 'node:events';
import type { Sink } from './sink.js';

/** Standard output. Whoever reads it may go away, as `head` does: then there is nobody who wants more, which is no error. */
export function streamSink(stream: NodeJS.WritableStream, resumeAt: number | null): Sink {
  let gone = false;
  const onError = (error: NodeJS.ErrnoException): void => {
    if (error.code !== 'EPIPE') throw error;
    gone = true;
  };
  stream.on('error', onError);

  async function write(bytes: Buffer): Promise<boolean> {
    if (!gone && bytes.length > 0 && !stream.write(bytes)) {
      await Promise.race([once(stream, 'drain'), once(stream, 'close'), untilError(stream)]);
    }
    return !gone;
  }
  return {
    resumeAt,
    begin: async (preface) => void (await write(preface)),
    write: ({ lines }) => write(lines),
    // The listener stays: what is still on its way may fail later.
    close: async () => undefined,
  };
}

function untilError(stream: NodeJS.WritableStream): Promise<void> {
  return new Promise((resolve) => stream.once('error', () => resolve()));
}

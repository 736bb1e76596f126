import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { isLoopback } from '../../http/loopback.js';
import { CommandError } from '../terminal.js';
import type { Sink } from './sink.js';

const TIMEOUT_MS = 30_000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 60_000;
const LONGEST_RETRY_AFTER_S = 600;
/** Answers that may be another one later. */
const PASSING = new Set([408, 425, 429]);

export interface Collector {
  readonly url: string;
  readonly contentType: string;
  /** A file with `name: value` lines, where the credential is: on the command line everybody on the machine could read it. */
  readonly headerFile: string | undefined;
  readonly resumeAt: number | null;
  /** Aborts when the command is to end. */
  readonly stopped: AbortSignal;
  /** Told of each failed attempt, for the person who watches. */
  onRetry(problem: string): void;
}

/**
 * Posts lines to a collector, one request after the other, each until it is answered 2xx: in order and at least once. Throws {@link CommandError} for a URL that sends texts in the clear and for an answer
 * that will not change by itself.
 */
export async function urlSink(collector: Collector): Promise<Sink> {
  const url = new URL(collector.url);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
    throw new CommandError('--url must be https, or http on this machine.');
  }
  const headers = { ...(await readHeaders(collector.headerFile)), 'content-type': collector.contentType };

  async function post(lines: Buffer): Promise<boolean> {
    for (let wait = FIRST_WAIT_MS; ; wait = Math.min(2 * wait, LONGEST_WAIT_MS)) {
      const answer = await attempt(url, headers, lines, collector.stopped);
      if (answer === 'taken') return true;
      if (collector.stopped.aborted) return false;
      collector.onRetry(answer.problem);
      await sleep(answer.waitMs ?? wait * (0.5 + Math.random() / 2), null, {
        signal: collector.stopped,
      }).catch(() => undefined);
      if (collector.stopped.aborted) return false;
    }
  }
  return {
    resumeAt: collector.resumeAt,
    // What an export begins with serves a file that is verified as a whole.
    begin: async () => undefined,
    write: ({ lines }) => post(lines),
    close: async () => undefined,
  };
}

interface Refusal {
  readonly problem: string;
  /** How long the collector wants to be left alone. */
  readonly waitMs?: number;
}

async function attempt(
  url: URL,
  headers: Record<string, string>,
  lines: Buffer,
  stopped: AbortSignal,
): Promise<'taken' | Refusal> {
  let answer: Response;
  try {
    answer = await fetch(url, {
      method: 'POST',
      headers,
      body: new Uint8Array(lines),
      redirect: 'error',
      signal: AbortSignal.any([stopped, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    await answer.body?.cancel();
  } catch (error) {
    const { code } = ((error as Error).cause ?? {}) as { code?: unknown };
    return { problem: typeof code === 'string' ? code : (error as Error).name };
  }
  if (answer.ok) return 'taken';
  if (answer.status < 500 && !PASSING.has(answer.status)) {
    throw new CommandError(`The collector answers ${answer.status}: it will not take these entries.`);
  }
  const seconds = Number(answer.headers.get('retry-after') ?? NaN);
  return {
    problem: `status ${answer.status}`,
    ...(seconds >= 0 && { waitMs: Math.min(seconds, LONGEST_RETRY_AFTER_S) * 1000 }),
  };
}

async function readHeaders(path: string | undefined): Promise<Record<string, string>> {
  if (path === undefined) return {};
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new CommandError(`Cannot read ${path}: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}.`);
  });
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  return Object.fromEntries(
    lines.map((line) => {
      const [, name, value] = /^([A-Za-z0-9-]+):\s*(.*?)\s*$/.exec(line) ?? [];
      // The line itself is not repeated: it may be the credential.
      if (name === undefined) throw new CommandError(`${path} must hold lines of the form \`Name: value\`.`);
      return [name.toLowerCase(), value!];
    }),
  );
}

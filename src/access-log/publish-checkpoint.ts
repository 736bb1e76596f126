import { appendFile } from 'node:fs/promises';

const TIMEOUT_MS = 5_000;

/** Where checkpoints go besides the database; an empty one is off. */
export interface CheckpointSinks {
  readonly file: string;
  readonly url: string;
}

/**
 * Puts a checkpoint where the database's administrator cannot take it back: appended to a file as one JSON line, posted to a URL as a signed
 * note. Throws where a sink does not take it; the next one comes a second later.
 */
export async function publishCheckpoint(note: string, { file, url }: CheckpointSinks): Promise<void> {
  if (file !== '') {
    const line = JSON.stringify({ time: new Date().toISOString(), checkpoint: note });
    await appendFile(file, `${line}\n`, { mode: 0o600 });
  }
  if (url !== '') {
    const answer = await fetch(url, {
      method: 'POST',
      body: note,
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!answer.ok) throw new Error(`the checkpoint was answered ${answer.status}`);
  }
}

import { readFile } from 'node:fs/promises';
import {
  COSIGNATURE,
  LOG_SIGNATURE,
  NoteError,
  type SignatureType,
  type VerifierKey,
  parseVerifierKey,
} from '../access-log/note.js';
import type { Trust } from '../access-log/offline/trusted-checkpoint.js';
import { CommandError } from './terminal.js';

/** Whom and what the command line says to believe. */
export interface TrustOptions {
  readonly key?: readonly string[];
  readonly witness?: readonly string[];
}

/** Reads the keys. Throws {@link CommandError} for what is none, and for the key of a log where a witness' is wanted. */
export function readTrust({ key = [], witness = [] }: TrustOptions): Trust {
  return {
    keys: key.map((text) => readKey(text, LOG_SIGNATURE, '--key must be the verifier key of a log')),
    witnesses: witness.map((text) =>
      readKey(text, COSIGNATURE, '--witness must be the verifier key of a witness'),
    ),
  };
}

function readKey(text: string, type: SignatureType, wants: string): VerifierKey {
  try {
    const key = parseVerifierKey(text);
    if (key.type === type) return key;
  } catch (error) {
    if (!(error instanceof NoteError)) throw error;
  }
  throw new CommandError(`${wants}.`);
}

/** A file as text. Throws {@link CommandError} where it cannot be read. */
export async function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    throw new CommandError(`Cannot read ${path}: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}.`);
  });
}

/** The signed notes in a file: one, or what `audit.checkpoint_file` collects, a JSON line each. Throws {@link CommandError} for any other file. */
export async function readNotes(path: string): Promise<string[]> {
  const text = await readText(path);
  if (!text.startsWith('{')) return [text];
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      try {
        const { checkpoint } = JSON.parse(line) as { checkpoint?: unknown };
        if (typeof checkpoint === 'string') return checkpoint;
      } catch {
        // Said below.
      }
      throw new CommandError(`${path} holds a line that is no checkpoint.`);
    });
}

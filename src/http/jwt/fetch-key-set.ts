import { isLoopback } from '../loopback.js';
import { type KeySet, readKeySet } from './key-set.js';

/** A user is waiting at the other end of the first request. */
const TIMEOUT_MS = 5_000;
const MOST_BYTES = 256 * 1024;

/** Why a key set did not come; the message is ours and quotes nothing. */
export class KeySetError extends Error {
  override readonly name = 'KeySetError';
}

/**
 * Fetches an issuer's key set: by https, or by http from this machine where `plainLoopback` says so, following no redirect, within five
 * seconds and 256 KiB. Throws {@link KeySetError}.
 */
export async function fetchKeySet(uri: string, plainLoopback: boolean): Promise<KeySet> {
  const url = new URL(uri);
  const plain = url.protocol === 'http:' && plainLoopback && isLoopback(url.hostname.replace(/^\[|\]$/g, ''));
  if (url.protocol !== 'https:' && !plain) throw new KeySetError('jwks_uri is not https');

  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      // A redirect would take the choice of the key server out of the configuration.
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: { accept: 'application/jwk-set+json, application/json' },
    });
    text = await readLimited(response);
  } catch (error) {
    if (error instanceof KeySetError) throw error;
    throw new KeySetError('the key set cannot be reached');
  }
  if (response.status !== 200) throw new KeySetError(`the key set is answered with ${response.status}`);
  const keys = readKeySet(text);
  if (!keys) throw new KeySetError('the answer is no key set');
  return keys;
}

async function readLimited(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    // Leaving the loop cancels the rest.
    if (size > MOST_BYTES) throw new KeySetError('the key set is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

import { type FunctionPrototype, readPrototypes } from '../../bundles/prototypes.js';
import type { Sandbox } from '../../bundles/sandbox.js';
import { VaultError } from '../../errors.js';
import type { Vault } from '../vault.js';

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** A script and what it was found to export. */
export interface ReadCode {
  readonly code: string;
  readonly functions: readonly FunctionPrototype[];
}

/**
 * Decodes a script and loads it once in the sandbox. Throws PV1003 where JavaScript is switched off, PV9056 where it is no base64 of a UTF-8 text or
 * its exports are not those of a bundle, PV9052 and PV9053 where loading it fails.
 */
export function readCode(vault: Vault, code: string | undefined): ReadCode {
  if (!vault.sandbox) throw new VaultError('PV1003');
  if (code === undefined || code === '')
    throw new VaultError('PV9056', { field: 'code', reason: 'is missing' });
  if (!BASE64.test(code)) throw new VaultError('PV9056', { field: 'code', reason: 'is not base64' });

  const text = decode(Buffer.from(code, 'base64'));
  return { code: text, functions: readPrototypes(load(vault.sandbox, text)) };
}

/** Loads a script. What it threw is not repeated: it may quote anything. */
function load(sandbox: Sandbox, text: string): ReturnType<Sandbox['inspect']> {
  try {
    return sandbox.inspect(text);
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    throw new VaultError(error.code, { field: 'code', reason: 'does not load' }, error.detail);
  }
}

function decode(bytes: Buffer): string {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new VaultError('PV9056', { field: 'code', reason: 'is not UTF-8' });
  }
  // PostgreSQL's text cannot hold it.
  if (text.includes('\0')) throw new VaultError('PV9056', { field: 'code', reason: 'holds U+0000' });
  return text;
}

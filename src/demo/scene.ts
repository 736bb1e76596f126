import type { DemoVault } from './demo-vault.js';
import type { Narrator } from './narrator.js';
import type { Exchange, Wiretap } from './wiretap.js';

/** What the steps of the story have in common. */
export interface Scene {
  readonly narrator: Narrator;
  readonly vault: DemoVault;
  /** Everybody talks to the vault through here. */
  readonly tap: Wiretap;
}

/** A request with a body of JSON or, with another `type`, text. */
interface Body {
  readonly body: unknown;
  readonly type?: string;
}

/** Sends one request with an API key, without showing it. */
export async function ask(
  { tap }: Scene,
  key: string,
  method: string,
  path: string,
  content?: Body,
): Promise<Exchange> {
  const { body, type = 'application/json' } = content ?? {};
  await fetch(tap.url + path, {
    method,
    headers: { authorization: `Bearer ${key}`, ...(content && { 'content-type': type }) },
    ...(content && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return tap.take().at(-1)!;
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { Read } from './user-record.js';

/** A page is sent when it has so many bytes, however few users they are of; the vault takes 16 MiB. */
const PAGE_BYTES = 4 * 1024 * 1024;

/** A user of the input: what the provider calls them, and what is reported of them, unless nobody could read them. */
export interface InputUser {
  readonly id: string;
  readonly read: Read;
  readonly event: Record<string, unknown> | null;
}

/** Users in pages of at most `most`. */
export async function* pagesOf(users: AsyncIterable<InputUser>, most: number): AsyncGenerator<InputUser[]> {
  let page: InputUser[] = [];
  let bytes = 0;
  for await (const user of users) {
    page.push(user);
    bytes += JSON.stringify(user.event).length;
    if (page.length < most && bytes < PAGE_BYTES) continue;
    yield page;
    page = [];
    bytes = 0;
  }
  if (page.length > 0) yield page;
}

/** Lets at most `perSecond` through in a second; without it, all. */
export function pacer(perSecond: number | undefined, stopped: AbortSignal): (users: number) => Promise<void> {
  let next = 0;
  return async (users) => {
    if (perSecond === undefined) return;
    const now = performance.now();
    const wait = next - now;
    next = Math.max(now, next) + (users / perSecond) * 1000;
    if (wait > 0) await sleep(wait, null, { signal: stopped }).catch(() => undefined);
  };
}

import type { OwnPostgres } from './test-postgres.js';

/** Ends what global-setup.ts started. Jest loads the two files apart, so the handle travels on the process. */
export default async function globalTeardown(): Promise<void> {
  const key = Symbol.for('coatcheck.test-postgres');
  const running = (globalThis as Record<symbol, unknown>)[key] as { own?: OwnPostgres } | undefined;
  await running?.own?.remove();
  if (running) delete running.own;
}

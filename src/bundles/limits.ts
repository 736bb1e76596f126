/** What bundles may take of the vault. Memory, stack and size of results are limited where they arise: realm.js. */
export const LIMITS = {
  /** Loading a bundle: its top-level code runs. */
  loadMs: 250,
  /** One call of a validator, normalizer or transformer. */
  callMs: 50,
  /** All calls of one request together, waiting included: other requests stand still meanwhile. */
  requestMs: 1_000,
  /** One action from beginning to end, what it waits for included. */
  actionMs: 10_000,
  /** The engine's own loops cannot be interrupted; after so much more the thread is ended. */
  graceMs: 500,
  /** Each has a thread of its own. */
  actionsAtATime: 8,
  /** What one action may ask of the vault: each question costs a record, a connection, or both. */
  asksAtATime: 16,
  asksAltogether: 200,
} as const;

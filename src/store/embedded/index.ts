export { findEmbeddedPostgres, startEmbeddedPostgres } from './launcher.js';
export type { EmbeddedPostgres } from './launcher.js';

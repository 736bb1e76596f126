export { EmbeddedPostgresError } from './errors.js';
export { findEmbeddedPostgres, startEmbeddedPostgres } from './launcher.js';
export type { EmbeddedPostgres, EmbeddedPostgresOptions } from './launcher.js';

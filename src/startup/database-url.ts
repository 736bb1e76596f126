import type { Config } from '../config.js';

/** The database that the settings name, as a URL; null where they name none. */
export function databaseUrlOf(config: Config): string | null {
  if (config['db.url']) return config['db.url'];
  if (!config['db.hostname']) return null;

  const url = new URL('postgres://localhost');
  url.hostname = config['db.hostname'];
  url.port = String(config['db.port']);
  url.pathname = `/${encodeURIComponent(config['db.name'])}`;
  url.username = encodeURIComponent(config['db.user']);
  if (config['db.password']) url.password = encodeURIComponent(config['db.password']);
  url.searchParams.set('sslmode', config['db.require_tls'] ? 'verify-full' : 'disable');
  return url.href;
}

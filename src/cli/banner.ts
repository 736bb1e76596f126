import type { Config } from '../config.js';

/** What is printed when the vault is ready. Only development shows its key: everybody knows it. */
export function banner(config: Config, url: string): string {
  if (!config.devmode) return `Coatcheck is ready on ${url}\n`;
  const key = config['service.admin_api_key'] ?? '';
  return `
Coatcheck is ready on ${url}
  mode       development: this machine only, with a key that everybody knows. Never with real data.
  admin key  ${key}
  data       ${config.data_dir}
  API        ${url}/docs

Try it:
  curl -H 'Authorization: Bearer ${key}' ${url}/api/pvlt/1.0/ctl/collections

Ctrl-C stops it.
`;
}

import { readQuery } from '../query-parameters.js';
import type { Exchange } from '../exchange.js';

/** Reads the query and the headers that an operation may look at. A header that is there but empty counts as absent. */
export function readParameters(exchange: Exchange): void {
  const { req, route } = exchange;
  const mark = req.url.indexOf('?');
  exchange.query = readQuery(route.operation, mark < 0 ? '' : req.url.slice(mark + 1));
  exchange.tenants = listOf(req.headers['x-tenant-id']);
  exchange.transParam = textOf(req.headers['x-trans-param']) || null;
  exchange.access?.learn({ tenants: exchange.tenants });
}

function listOf(header: string | string[] | undefined): string[] {
  const items = textOf(header).split(',');
  return items.map((item) => item.trim()).filter((item) => item !== '');
}

/** Node joins a header that comes twice with a comma. */
function textOf(header: string | string[] | undefined): string {
  return Array.isArray(header) ? header.join(',') : (header ?? '');
}

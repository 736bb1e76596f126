import type { TypeLimits } from '../../data-types/data-type.js';
import type { Guard } from '../exchange.js';
import { readQuery } from '../query-parameters.js';
import { readTenants } from './read-tenants.js';

/** Reads the query and the headers that an operation may look at. A header that is there but empty counts as absent. */
export function readParameters(limits: TypeLimits): Guard {
  return (exchange) => {
    const { req, route } = exchange;
    const mark = req.url.indexOf('?');
    exchange.query = readQuery(route.operation, mark < 0 ? '' : req.url.slice(mark + 1));
    exchange.tenants = readTenants(textOf(req.headers['x-tenant-id']), limits);
    exchange.transParam = textOf(req.headers['x-trans-param']) || null;
    exchange.access?.learn({ tenants: exchange.tenants });
  };
}

/** Node joins a header that comes twice with a comma. */
function textOf(header: string | string[] | undefined): string {
  return Array.isArray(header) ? header.join(',') : (header ?? '');
}

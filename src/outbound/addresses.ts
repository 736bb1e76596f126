import { lookup as systemLookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';
import { VaultError } from '../errors.js';
import type { Destination } from './destinations.js';

/** An address a name was resolved to. */
export interface Address {
  readonly address: string;
  readonly family: number;
}

/** Resolves a name to all its addresses. */
export type Lookup = (hostname: string) => Promise<readonly Address[]>;

export const dnsLookup: Lookup = (hostname) => systemLookup(hostname, { all: true, verbatim: true });

/**
 * The address to connect to, found once: what a name resolves to a moment later no longer matters. A name must lead to public addresses
 * only; an address that the operator listed as such is taken as it is. Throws PV9060, and PV9061 where the name does not resolve.
 */
export async function pinAddress({ hostname }: Destination, lookup: Lookup): Promise<Address> {
  const literal = hostname.replace(/^\[|\]$/g, '');
  const family = isIP(literal);
  if (family !== 0) return { address: literal, family };

  let addresses: readonly Address[];
  try {
    addresses = await lookup(hostname);
  } catch {
    throw new VaultError('PV9061', { reason: 'the name does not resolve' });
  }
  const [first] = addresses;
  if (!first) throw new VaultError('PV9061', { reason: 'the name does not resolve' });
  if (!addresses.every(({ address }) => isPublic(address))) throw new VaultError('PV9060', { field: 'url' });
  return first;
}

/** Whether an address belongs to the public Internet; of IPv4 inside IPv6 the IPv4 address counts. */
export function isPublic(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  return ipaddr.process(address).range() === 'unicast';
}

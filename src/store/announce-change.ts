import type { PrismaClient } from '../generated/prisma/client.js';
import { CHANGE_CHANNEL } from './change-feed.js';
import type { Statement } from './database.js';

/**
 * Counts a change of the metadata and tells every instance, both when the transaction it is part of commits. The last
 * member of each control-plane transaction.
 */
export function announceChange(prisma: PrismaClient) {
  return prisma.$queryRaw`
    with counted as (update change_generation set generation = generation + 1 where id = 1 returning generation)
    select generation, pg_notify(${CHANGE_CHANNEL}, generation::text)::text as told from counted`;
}

/** The same as a statement, for transactions that are not Prisma's. */
export const ANNOUNCE_CHANGE: Statement = {
  name: 'announce-change',
  text: `with counted as (update change_generation set generation = generation + 1 where id = 1 returning generation)
    select pg_notify($1, generation::text)::text from counted`,
  values: [CHANGE_CHANNEL],
};

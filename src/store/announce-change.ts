import type { PrismaClient } from '../generated/prisma/client.js';
import { CHANGE_CHANNEL } from './change-feed.js';
import type { Statement } from './database.js';

const COUNT_AND_TELL = `
    with counted as (
      update change_generation set generation = generation + 1, modified_at = now() where id = 1 returning generation
    )
    select generation, pg_notify('${CHANGE_CHANNEL}', generation::text)::text as told from counted`;

/**
 * Counts a change of the metadata and tells every instance, both when the transaction it is part of commits. It is the first
 * statement where bundles, data types and actions change, which refer to each other: such changes come one after the other, and none holds a row
 * that another waits for. It is the last one of every other control-plane transaction, some of which wait long for locks of rows.
 */
export function announceChange(prisma: PrismaClient) {
  return prisma.$queryRawUnsafe(COUNT_AND_TELL);
}

/** The same for transactions that are made of statements. */
export function announcement(): Statement {
  return { name: 'announce-change', text: COUNT_AND_TELL, values: [] };
}

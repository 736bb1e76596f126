import type { Database, Statement } from '../database.js';
import { reaches } from './projection.js';

/** Which entries' free texts are meant: those at these positions, or those about an object. */
export type TextSelection = { readonly indexes: readonly number[] } | { readonly objectId: string };

/** The positions of up to `limit` entries that have free texts, in order; null where the projection does not reach as far as `size`. */
export async function positionsOfTexts(
  database: Database,
  size: number,
  selection: TextSelection,
  limit: number,
): Promise<number[] | null> {
  const statement =
    'indexes' in selection
      ? {
          name: 'access-log-texts-at',
          text: 'select distinct index from access_log_text where index = any($1::bigint[]) order by index limit $2',
          values: [selection.indexes, limit],
        }
      : {
          name: 'access-log-texts-about',
          text: `select distinct t.index from access_log_projection p join access_log_text t using (index)
                  where p.objects @> $1::uuid[] order by t.index limit $2`,
          values: [[selection.objectId], limit],
        };
  const rows = await database.run<{ projected: string; index: string | null }>({
    ...statement,
    text: `select head.size as projected, found.index
             from access_log_projection_head head left join (${statement.text}) found on true order by found.index`,
  });
  if (!reaches(rows, size)) return null;
  return rows.flatMap(({ index }) => (index === null ? [] : [Number(index)]));
}

/** Removes the free texts at these positions, with their salts: without those a guess could be tried against the hashes in the log. */
export function eraseTexts(indexes: readonly number[]): Statement {
  return {
    name: 'access-log-texts-erase',
    text: 'delete from access_log_text where index = any($1::bigint[])',
    values: [indexes],
  };
}

import { hash } from 'node:crypto';
import { type LogFilter, propertyTerm } from './log-filter.js';
import type { ProjectedEntry } from './projection.js';

/** A term says one value of one of these columns, whose place here is in its name, or one member of any of the lists, which share their names. */
export const TERM_COLUMNS = [
  'user',
  'role',
  'keyId',
  'subject',
  'operation',
  'collection',
  'reason',
  'outcome',
  'remoteAddr',
] as const satisfies readonly (keyof ProjectedEntry)[];
export const TERM_LISTS = [
  'tenants',
  'properties',
  'rules',
] as const satisfies readonly (keyof ProjectedEntry)[];

type TermColumn = (typeof TERM_COLUMNS)[number];

/** Of these there may be as many values as there are people: each shares a term with others, so that a segment has no more postings than this for all. */
const CROWDED: readonly TermColumn[] = ['subject', 'remoteAddr'];
const CROWD = 1_024;

/** Of these there are few values, and each entry has one: no index of the projection has them. */
const POSTED_ONLY: ReadonlySet<TermColumn> = new Set([
  'role',
  'operation',
  'collection',
  'reason',
  'outcome',
]);

const HASH_BYTES = 8;

/** The name of what a column says. */
export function columnTerm(column: TermColumn, value: string): string {
  return `${prefixOf(column)}${value}`;
}

/** What stands before a value of a column, and nowhere else but in a list's member by accident. */
export function prefixOf(column: TermColumn): string {
  return `${TERM_COLUMNS.indexOf(column)}=`;
}

/** The name of an entry that showed something. */
export const SHOWN_TERM = '+';

/** The bytes by which a term is stored: of one length, however long a value is. */
export function termHash(name: string): Buffer {
  const digest = hash('sha256', name, 'buffer');
  const crowded = CROWDED.find((column) => name.startsWith(prefixOf(column)));
  const term =
    crowded === undefined
      ? digest
      : hash('sha256', `${prefixOf(crowded)}${digest.readUInt16BE() % CROWD}`, 'buffer');
  return term.subarray(0, HASH_BYTES);
}

/** The names of an entry's terms; one may be there twice. */
export function termsOfEntry(entry: ProjectedEntry): string[] {
  const names = TERM_LISTS.flatMap((list) => entry[list]);
  for (const column of TERM_COLUMNS) {
    const value = entry[column];
    if (value !== null) names.push(columnTerm(column, value));
  }
  if (entry.shown) names.push(SHOWN_TERM);
  return names;
}

/** What entries that meet a filter have, as it is stored and each once. */
export interface FilterTerms {
  readonly all: readonly Buffer[];
  /** Those of them that an index of the projection finds as well. */
  readonly indexed: readonly Buffer[];
  /** Words lead to fewer entries than these terms do, unless one of the terms is that of very few. */
  readonly onlyIfRare: boolean;
}

/**
 * The terms that every entry has which meets a filter; none where it names what few entries have and what an index of its own finds at once.
 */
export function termsOfFilter(filter: LogFilter): FilterTerms {
  const selective = [filter.objectId, filter.tokens, filter.requestId];
  if (selective.some((value) => value !== undefined)) return { all: [], indexed: [], onlyIfRare: false };
  const namesOf = (columns: readonly TermColumn[]): string[] =>
    columns.flatMap((column) => {
      const value = filter[column];
      return value === undefined ? [] : [columnTerm(column, value)];
    });
  const posted = [...namesOf([...POSTED_ONLY]), ...(filter.showing ? [SHOWN_TERM] : [])];
  if (filter.text !== undefined) return { all: hashesOf(posted), indexed: [], onlyIfRare: true };
  const lists = [filter.tenant, propertyTerm(filter), filter.rule].filter((name) => name !== undefined);
  const indexed = [...lists, ...namesOf(TERM_COLUMNS.filter((column) => !POSTED_ONLY.has(column)))];
  return { all: hashesOf([...indexed, ...posted]), indexed: hashesOf(indexed), onlyIfRare: false };
}

function hashesOf(names: readonly string[]): Buffer[] {
  return [...new Map(names.map(termHash).map((term) => [term.toString('hex'), term])).values()];
}

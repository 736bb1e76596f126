import { Batches } from './batches.js';
import type { Database } from './database.js';
import type { Lifecycle } from './objects/object-row.js';

/** Lookups answered by one statement. */
const MOST_LOOKUPS = 100;
/** A lookup of more keys has a statement to itself: nobody is to wait for somebody else's thousand rows. */
const MOST_SHARED_KEYS = 20;

/** The rows of one collection and lifecycle that have one of these keys, by one statement. */
type Load<Key, Row> = (
  database: Database,
  collection: number,
  lifecycle: Lifecycle,
  keys: readonly Key[],
) => Promise<Row[]>;

/**
 * Finds rows by key. Lookups in the same collection and lifecycle at about the same time share a statement, which under load is most of what
 * a lookup costs; each gets exactly the rows it would have got alone, and lookups in different collections never meet.
 */
export class SharedLookup<Key, Row> {
  readonly #load: Load<Key, Row>;
  readonly #keyOf: (row: Row) => Key;
  readonly #nameOf: (key: Key) => string;
  readonly #groups = new WeakMap<Database, Map<string, Batches<readonly Key[], Row[]>>>();

  /** `nameOf` gives equal keys equal names. */
  constructor(load: Load<Key, Row>, keyOf: (row: Row) => Key, nameOf: (key: Key) => string) {
    this.#load = load;
    this.#keyOf = keyOf;
    this.#nameOf = nameOf;
  }

  /** Rows in no particular order, each once; keys without a row are missing. Several lookups may get the same row: it is not to be changed. */
  find(database: Database, collection: number, lifecycle: Lifecycle, keys: readonly Key[]): Promise<Row[]> {
    if (keys.length > MOST_SHARED_KEYS) return this.#load(database, collection, lifecycle, keys);
    return this.#batches(database, collection, lifecycle).add(keys);
  }

  #batches(database: Database, collection: number, lifecycle: Lifecycle): Batches<readonly Key[], Row[]> {
    const groups = this.#groups.get(database) ?? new Map<string, Batches<readonly Key[], Row[]>>();
    this.#groups.set(database, groups);
    const group = `${collection}/${lifecycle}`;
    let batches = groups.get(group);
    if (!batches) {
      const load = (keys: readonly Key[]): Promise<Row[]> =>
        this.#load(database, collection, lifecycle, keys);
      batches = new Batches((lookups) => this.#answer(lookups, load), MOST_LOOKUPS);
      groups.set(group, batches);
    }
    return batches;
  }

  async #answer(
    lookups: readonly (readonly Key[])[],
    load: (keys: readonly Key[]) => Promise<Row[]>,
  ): Promise<Row[][]> {
    const named = lookups.map((keys) => new Map(keys.map((key) => [this.#nameOf(key), key])));
    const all = new Map(named.flatMap((keys) => [...keys]));

    const found = new Map<string, Row[]>();
    for (const row of await load([...all.values()])) {
      const name = this.#nameOf(this.#keyOf(row));
      const same = found.get(name);
      if (same) same.push(row);
      else found.set(name, [row]);
    }
    return named.map((keys) => [...keys.keys()].flatMap((name) => found.get(name) ?? []));
  }
}

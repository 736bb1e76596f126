import { VaultError } from '../errors.js';
import { NODE_WIDTH, type NodeRun, addNodes, countNodes, readNodes } from '../store/access-log/nodes.js';
import type { Database } from '../store/database.js';
import { type LeafRange, completeSubtrees, consistencyRanges, inclusionRanges } from './subtrees.js';
import { EMPTY_FRONTIER, type Frontier, appendLeaves, rootOf } from './tree.js';

/** Nodes made in one statement. */
const BATCH = 1_024;

/**
 * The inclusion proof of a stored entry in the tree of the first `size` (RFC 9162 section 2.1.3). Reads at most 30 hashes for each level of nodes; {@link completeNodes} must have been there. Throws PV1009 where it is not yet done, PV9010 where hashes are missing, RangeError for an index out of range.
 */
export async function readInclusionProof(database: Database, index: number, size: number): Promise<Buffer[]> {
  return rootsOf(database, inclusionRanges(index, size));
}

/** The inclusion proofs of several entries in one tree; what they share is read once. Reads and throws as {@link readInclusionProof} does. */
export async function readInclusionProofs(
  database: Database,
  indexes: readonly number[],
  size: number,
): Promise<Buffer[][]> {
  const nameOf = ({ from, to }: LeafRange): string => `${from}-${to}`;
  const paths = indexes.map((index) => inclusionRanges(index, size));
  const ranges = new Map(paths.flat().map((range) => [nameOf(range), range]));
  const roots = await rootsOf(database, [...ranges.values()]);
  const rootOfRange = new Map([...ranges.keys()].map((name, i) => [name, roots[i]!]));
  return paths.map((path) => path.map((range) => rootOfRange.get(nameOf(range))!));
}

/** The consistency proof between two sizes of the stored tree (RFC 9162 section 2.1.4). Reads and throws as the inclusion proof does. */
export async function readConsistencyProof(
  database: Database,
  size1: number,
  size2: number,
): Promise<Buffer[]> {
  return rootsOf(database, consistencyRanges(size1, size2));
}

/** The root of the first `size` stored leaves. Reads and throws as the proofs do. */
export async function readRoot(database: Database, size: number): Promise<Buffer> {
  if (size === 0) return rootOf(EMPTY_FRONTIER);
  const [root] = await rootsOf(database, [{ from: 0, to: size }]);
  return root!;
}

/** The right edge of the tree of the first `size` stored leaves. Reads and throws as the proofs do. */
export async function readFrontier(database: Database, size: number): Promise<Frontier> {
  const hashes = await rootsOf(database, completeSubtrees({ from: 0, to: size }));
  return { size, hashes };
}

/** Stores the nodes that the first `size` leaves complete and that are not there yet. Safe on several instances at once. */
export async function completeNodes(database: Database, size: number): Promise<void> {
  const stored = await countNodes(database);
  for (let level = 1, children = size; children >= NODE_WIDTH; level++) {
    const complete = Math.floor(children / NODE_WIDTH);
    for (let at = stored[level]!; at < complete; at += BATCH) {
      const count = Math.min(BATCH, complete - at);
      const run = { level: level - 1, position: at * NODE_WIDTH, count: count * NODE_WIDTH };
      const [hashes] = await readNodes(database, [run]);
      if (hashes!.length !== run.count) throw missing();
      await addNodes(database, level, at, nodesOver(hashes!));
    }
    children = complete;
  }
}

/** The nodes over children next to each other; a last group that is not complete has none. */
export function nodesOver(children: readonly Uint8Array[]): Buffer[] {
  const nodes: Buffer[] = [];
  for (let at = 0; at + NODE_WIDTH <= children.length; at += NODE_WIDTH) {
    nodes.push(rootOf(appendLeaves(EMPTY_FRONTIER, children.slice(at, at + NODE_WIDTH))));
  }
  return nodes;
}

async function rootsOf(database: Database, ranges: readonly LeafRange[]): Promise<Buffer[]> {
  const parts = ranges.map(completeSubtrees);
  const runs = parts.flat().map(runOf);
  const roots = (await readWhole(database, runs)).map((hashes) =>
    rootOf(appendLeaves(EMPTY_FRONTIER, hashes)),
  );

  let at = 0;
  return parts.map((subtrees, i) => {
    const hashes = roots.slice(at, (at += subtrees.length));
    return rootOf({ size: ranges[i]!.to - ranges[i]!.from, hashes });
  });
}

/** The nodes of each run, all of them. */
async function readWhole(database: Database, runs: readonly NodeRun[]): Promise<Buffer[][]> {
  const found = await readNodes(database, runs);
  if (shortOf(runs, found).length === 0) return found;
  const stored = await countNodes(database);
  // What was stored since it was read is no longer short.
  const again = await readNodes(database, runs);
  const short = shortOf(runs, again);
  if (short.length > 0) throw areYetToCome(stored, short) ? yetToCome() : missing();
  return again;
}

function shortOf(runs: readonly NodeRun[], found: readonly (readonly Buffer[])[]): NodeRun[] {
  return runs.filter(({ count }, i) => found[i]!.length !== count);
}

/** The stored nodes that a complete subtree is made of: at most 8, of the highest level that fits in. */
function runOf({ from, to }: LeafRange): NodeRun {
  let level = 0;
  let width = 1;
  while (width * NODE_WIDTH <= to - from) {
    width *= NODE_WIDTH;
    level++;
  }
  return { level, position: from / width, count: (to - from) / width };
}

/** After the upgrade from nodes of 256 all of them have to be made, which takes seconds for millions of entries. */
function areYetToCome(stored: readonly number[], runs: readonly NodeRun[]): boolean {
  return runs.every(({ level, position, count }) => level > 0 && position + count > stored[level]!);
}

function yetToCome(): VaultError {
  return new VaultError('PV1009', {}, "the access log's nodes are being made");
}

function missing(): VaultError {
  return new VaultError('PV9010', {}, 'entries of the access log are missing');
}

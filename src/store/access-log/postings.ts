const POSITION_BYTES = 2;

/**
 * The positions of the entries of a segment of `size` that have a term, given in any order: an ascending list of two bytes each, or a bitmap where that is not longer.
 * The length tells which.
 */
export function encodePositions(positions: ArrayLike<number>, size: number): Buffer {
  if (isList(positions.length, size)) return listOf(new Uint16Array(positions).sort());
  const bitmap = bitmapOf(positions, size);
  const ascending = positionsIn(bitmap, size);
  return isList(ascending.length, size) ? listOf(ascending) : Buffer.from(bitmap.buffer);
}

/** The positions that a posting says, ascending. */
export function decodePositions(posting: Buffer, size: number): number[] {
  return positionsIn(asBitmap(posting, size), size);
}

/** The positions that all of these postings of one segment have, ascending. None is outside the segment or there twice, whatever the postings say. */
export function intersect(postings: readonly Buffer[], size: number): number[] {
  const [first, ...others] = [...postings].sort((one, other) => one.length - other.length);
  if (!first) return [];
  const bitmaps = others.map((posting) => asBitmap(posting, size));
  if (first.length < bitmapBytes(size)) {
    return decodePositions(first, size).filter((position) =>
      bitmaps.every((bitmap) => (bitmap[position >> 3]! & (1 << (position & 7))) !== 0),
    );
  }
  const met = wordsOf(asBitmap(first, size));
  for (const bitmap of bitmaps) {
    const words = wordsOf(bitmap);
    for (let i = 0; i < met.length; i++) met[i]! &= words[i]!;
  }
  return positionsIn(new Uint8Array(met.buffer), size);
}

/** Positions, two bytes each, as numbers. */
export function readList(list: Buffer): Uint16Array {
  const positions = new Uint16Array(Math.floor(list.length / POSITION_BYTES));
  for (let i = 0; i < positions.length; i++) positions[i] = (list[2 * i]! << 8) | list[2 * i + 1]!;
  return positions;
}

function asBitmap(posting: Buffer, size: number): Uint8Array {
  return posting.length === bitmapBytes(size) ? posting : bitmapOf(readList(posting), size);
}

/** A copy of a bitmap, four bytes at a time. */
function wordsOf(bitmap: Uint8Array): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(Math.ceil(bitmap.length / 4));
  new Uint8Array(words.buffer).set(bitmap);
  return words;
}

function isList(length: number, size: number): boolean {
  return length * POSITION_BYTES < bitmapBytes(size);
}

/** Ascending positions, of which some may be there several times, as a list in which none is. */
function listOf(ascending: ArrayLike<number>): Buffer {
  const list = Buffer.allocUnsafe(ascending.length * POSITION_BYTES);
  let end = 0;
  for (let i = 0; i < ascending.length; i++)
    if (ascending[i] !== ascending[i - 1]) end = list.writeUInt16BE(ascending[i]!, end);
  return list.subarray(0, end);
}

function bitmapOf(positions: ArrayLike<number>, size: number): Uint8Array<ArrayBuffer> {
  const bitmap = new Uint8Array(bitmapBytes(size));
  for (let i = 0; i < positions.length; i++) {
    const position = positions[i]!;
    if (position < size) bitmap[position >> 3]! |= 1 << (position & 7);
  }
  return bitmap;
}

function positionsIn(bitmap: Uint8Array, size: number): number[] {
  const positions: number[] = [];
  for (let i = 0; i < bitmap.length; i++) {
    // Most bytes of an intersection are zero.
    for (let bits = bitmap[i]!, at = i * 8; bits !== 0 && at < size; bits >>= 1, at++)
      if ((bits & 1) === 1) positions.push(at);
  }
  return positions;
}

function bitmapBytes(size: number): number {
  return Math.ceil(size / 8);
}

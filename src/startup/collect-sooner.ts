import v8 from 'node:v8';

/** By how much the heap may grow between two full collections. */
const GROWTH_PERCENT = 60;

/**
 * Has the collector look at the whole heap sooner than its default, at up to four times of what is in use. A vault keeps some 45 MB and promotes
 * next to nothing per request, so this costs no CPU that could be measured and bounds the resident memory. The engine reads this setting at
 * each collection.
 */
export function collectSooner(): void {
  v8.setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
}

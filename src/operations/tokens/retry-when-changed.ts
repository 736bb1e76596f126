import { VaultError } from '../../errors.js';

/** Requests for one value that come at once each find out in turn what the one before has made. */
const TRIES = 10;

/** Runs what looks something up and then writes by it, again where somebody else was faster. Throws PV3218 where it always is. */
export async function retryWhenChanged<T>(work: () => Promise<T>): Promise<T> {
  for (let left = TRIES - 1; ; left--) {
    try {
      return await work();
    } catch (error) {
      if (left === 0 || !(error instanceof VaultError && error.code === 'PV3218')) throw error;
    }
  }
}

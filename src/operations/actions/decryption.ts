import type { Operation } from '../operation.js';

/** The operation that opens ciphertexts, for actions. While it is undefined they are answered PV2001, as its callers are. */
export const decryption: Operation<'decrypt'> | undefined = undefined;

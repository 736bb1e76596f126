import { CannotCheck, ProofError } from './bytes.js';

/** How one check came out; `unchecked` says nothing about the log. */
export type Result = 'right' | 'wrong' | 'unchecked';

/** One check, with a sentence that says what was found. */
export interface Step {
  readonly name: string;
  readonly result: Result;
  readonly said: string;
}

/** Right only if every check is, and there was one. */
export function verdictOf(steps: readonly Step[]): Result {
  if (steps.some(({ result }) => result === 'wrong')) return 'wrong';
  return steps.length > 0 && steps.every(({ result }) => result === 'right') ? 'right' : 'unchecked';
}

/** Runs a check: what it returns is said when it is right. Whatever it throws, except that it cannot be made here, makes it wrong. */
export async function step(name: string, check: () => string | Promise<string>): Promise<Step> {
  try {
    return { name, result: 'right', said: await check() };
  } catch (error) {
    return failed(name, error);
  }
}

/** A check that did not come to its end. Only that it cannot be made here says nothing about the log. */
export function failed(name: string, error: unknown): Step {
  if (error instanceof CannotCheck) return { name, result: 'unchecked', said: error.message };
  const said = error instanceof ProofError ? error.message : 'What the vault answered cannot be read.';
  return { name, result: 'wrong', said };
}

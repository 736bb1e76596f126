/** The first wrong position of a log, on its way out of a verification. The problem is a sentence without a value. */
export class Wrong extends Error {
  readonly index: number;
  readonly problem: string;

  constructor(index: number, problem: string) {
    super(problem);
    this.index = index;
    this.problem = problem;
  }
}

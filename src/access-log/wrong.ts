/** The first wrong position that a verification met, on its way out. */
export class Wrong extends Error {
  readonly index: number;
  readonly problem: string;

  constructor(index: number, problem: string) {
    super(problem);
    this.index = index;
    this.problem = problem;
  }
}

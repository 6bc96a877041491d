/** The first cell of a column that fits no candidate. */
export interface Break {
  /** Number of filled cells before it. */
  readonly cells: number;
  /** Physical line in the file, from 1. */
  readonly line: number;
}

/** Narrows down what the cells of a column can be. */
export class Candidates<Candidate> {
  /** The candidates that all cells fit, up to the break if there is one. */
  remaining: readonly Candidate[];
  cells = 0;
  broken: Break | undefined;

  constructor(all: readonly Candidate[]) {
    this.remaining = all;
  }

  /** Takes the next cell. */
  add(line: number, fits: (candidate: Candidate) => boolean): void {
    if (this.broken !== undefined) return;
    const remaining = this.remaining.filter(fits);
    if (remaining.length === 0) {
      this.broken = { cells: this.cells, line };
      return;
    }
    this.remaining = remaining;
    this.cells += 1;
  }
}

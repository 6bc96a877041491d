/** Where the cells of a column ceased to be what they were. */
export interface Break {
  /** Filled cells before. */
  readonly cells: number;
  /** Physical line of the file, the first being 1. */
  readonly line: number;
}

/** What the cells of a column may be, as far as they were seen. */
export class Candidates<Candidate> {
  /** Those that all cells fit: up to the break, if there is one. */
  left: readonly Candidate[];
  cells = 0;
  broken: Break | undefined;

  constructor(all: readonly Candidate[]) {
    this.left = all;
  }

  /** Takes the next cell. */
  add(line: number, fits: (candidate: Candidate) => boolean): void {
    if (this.broken !== undefined) return;
    const left = this.left.filter(fits);
    if (left.length === 0) {
      this.broken = { cells: this.cells, line };
      return;
    }
    this.left = left;
    this.cells += 1;
  }
}

/** What must never happen has happened. */
export class Violation extends Error {
  /** As `docs/simulation.md` names it. */
  readonly invariant: string;

  constructor(invariant: string, what: string) {
    super(`${invariant}: ${what}`);
    this.invariant = invariant;
  }
}

type Due = {readonly atMs: number; readonly order: number; readonly run: () => void};

/** What is to happen, by time; of what is due at the same moment, what was planned first comes first. */
export class EventQueue {
  readonly #heap: Due[] = [];
  #order = 0;

  at(atMs: number, run: () => void): void {
    const due = {atMs, order: this.#order++, run};
    let at = this.#heap.push(due) - 1;
    while (at > 0 && isBefore(due, this.#heap[(at - 1) >> 1] as Due)) {
      this.#heap[at] = this.#heap[(at - 1) >> 1] as Due;
      at = (at - 1) >> 1;
    }

    this.#heap[at] = due;
  }

  /** Take what is due first, if it is due by `untilMs`. */
  next(untilMs: number): Due | undefined {
    const [first] = this.#heap;
    if (first === undefined || first.atMs > untilMs) {
      return undefined;
    }

    const last = this.#heap.pop() as Due;
    if (this.#heap.length > 0) {
      this.#sink(last);
    }

    return first;
  }

  /** Put `due` in the place of the first, and further down until it comes before what is below it. */
  #sink(due: Due): void {
    const {length} = this.#heap;
    let at = 0;
    for (let below = 1; below < length; below = 2 * at + 1) {
      const right = below + 1;
      const first = right < length && isBefore(this.#heap[right] as Due, this.#heap[below] as Due) ? right : below;
      if (!isBefore(this.#heap[first] as Due, due)) {
        break;
      }

      this.#heap[at] = this.#heap[first] as Due;
      at = first;
    }

    this.#heap[at] = due;
  }
}

function isBefore(one: Due, other: Due): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
}

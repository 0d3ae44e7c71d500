const mostOfOnePeer = 16;
const mostInAll = 256;

/** Questions that are being answered, and answers that nobody has read yet: how many there are, by peer. */
export class OpenQuestions {
  readonly #counts = new Map<string, number>();
  #all = 0;

  /** Whether one more may be answered; then it counts. */
  take(peer: string): boolean {
    const count = this.#counts.get(peer) ?? 0;
    if (count >= mostOfOnePeer || this.#all >= mostInAll) {
      return false;
    }

    this.#counts.set(peer, count + 1);
    this.#all++;
    return true;
  }

  /** One is answered and gone, or given up. */
  give(peer: string, many = 1): void {
    const count = this.#counts.get(peer) ?? 0;
    const given = Math.min(count, many);
    this.#all -= given;
    if (count > given) {
      this.#counts.set(peer, count - given);
    } else {
      this.#counts.delete(peer);
    }
  }
}

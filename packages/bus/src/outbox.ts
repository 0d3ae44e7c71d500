type Item = {readonly key: string; readonly frames: readonly (string | Uint8Array)[]};

/** What became of one attempt to send: gone out, try again soon, or nobody is there any more. */
export type Sent = 'sent' | 'full' | 'gone';

/**
 * What is waiting to be sent to one peer. Of two items with one key the newer takes the place of the older, so that
 * the queue is never longer than there are keys.
 */
export class Outbox {
  readonly #items = new Map<string, Item>();

  put(key: string, frames: readonly (string | Uint8Array)[]): void {
    this.#items.delete(key);
    this.#items.set(key, {key, frames});
  }

  /** Takes the oldest item out. */
  take(): Item | undefined {
    const [item] = this.#items.values();
    if (item !== undefined) {
      this.#items.delete(item.key);
    }

    return item;
  }

  /** Puts an item back that could not be sent, unless a newer one with its key has come. */
  putBack(item: Item): void {
    if (this.#items.has(item.key)) {
      return;
    }

    const later = [...this.#items];
    this.#items.clear();
    this.#items.set(item.key, item);
    for (const [key, value] of later) {
      this.#items.set(key, value);
    }
  }

  /** Takes out all whose key begins so. @returns how many */
  drop(beginning: string): number {
    const keys = [...this.#items.keys()].filter(key => key.startsWith(beginning));
    for (const key of keys) {
      this.#items.delete(key);
    }

    return keys.length;
  }

  get isEmpty(): boolean {
    return this.#items.size === 0;
  }
}

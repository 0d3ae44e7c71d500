import type {MacAddress} from '@tacoplex/vocabulary';

/** What the kernel says of one link at one moment. */
export type LinkFact = {
  readonly name: string;
  readonly index: number;
  readonly up: boolean;
  /** Missing: not told. */
  readonly mac?: MacAddress | undefined;
};

type Link = {index: number; up: boolean; mac: MacAddress | undefined};

/** Which of some links are up, as of the last fact. Links nobody asked for are ignored. */
export class LinkTable {
  readonly #links: Map<string, Link>;

  constructor(names: readonly string[]) {
    this.#links = new Map(names.map(name => [name, {index: 0, up: false, mac: undefined}]));
  }

  isUp(name: string): boolean {
    return this.#links.get(name)?.up ?? false;
  }

  /**
   * Take one fact.
   *
   * @returns the names that changed, in the order they are to be told. A link that was re-created while nobody looked
   *   is told twice: it was down in between. One that is up and has got another MAC address is told as up once more:
   *   whatever was opened on it knows the old one.
   */
  take({name, index, up, mac}: LinkFact): {name: string; up: boolean}[] {
    const renamed = [...this.#links].filter(([old, link]) => old !== name && link.index === index && link.up);
    const changes = renamed.map(([old]) => this.#set(old, 0, false));
    const link = this.#links.get(name);
    if (link === undefined) {
      return changes;
    }

    const isOther = link.index !== index;
    if (link.up && isOther) {
      changes.push(this.#set(name, index, false));
    }

    const known = mac ?? (isOther ? undefined : link.mac);
    const isMoved = !isOther && link.up && up && link.mac !== undefined && link.mac !== known;
    return [...changes, ...this.#change(name, index, up, known), ...(isMoved ? [{name, up}] : [])];
  }

  /** Take a listing of every link there is: one that is missing from it is down. */
  takeAll(facts: readonly LinkFact[]): {name: string; up: boolean}[] {
    const there = new Set(facts.map(({name}) => name));
    const gone = [...this.#links].filter(([name, {up}]) => up && !there.has(name));
    return [...gone.map(([name]) => this.#set(name, 0, false)), ...facts.flatMap(fact => this.take(fact))];
  }

  #change(name: string, index: number, up: boolean, mac: MacAddress | undefined): {name: string; up: boolean}[] {
    const before = this.isUp(name);
    const change = this.#set(name, index, up, mac);
    return before === up ? [] : [change];
  }

  #set(name: string, index: number, up: boolean, mac?: MacAddress): {name: string; up: boolean} {
    this.#links.set(name, {index, up, mac});
    return {name, up};
  }
}

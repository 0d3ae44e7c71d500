import type {Clock} from '@tacoplex/clock';
import type {Config} from '@tacoplex/config';
import {WorldError} from '@tacoplex/errors';
import {
  addressIn,
  findUnmet,
  type Interface,
  type Listed,
  listInterfaces,
  type MachinePart,
  readRulesetAside,
  readSetting,
  type Task,
  type Unmet,
  watchMachine,
} from '@tacoplex/links';
import type {Subnet} from '@tacoplex/vocabulary';
import type {Nets} from './check-machine.ts';
import type {MachineFacts, NetFacts} from './impediment.ts';
import {PacedLook} from './paced-look.ts';

/** Where what is known comes from. */
export type Sources = {
  /** As `watchMachine`. */
  readonly watch: (onChange: (what: MachinePart) => void) => () => void;
  /** As `listInterfaces`. */
  readonly list: () => readonly Listed[];
  /** As `readSetting`. */
  readonly setting: (name: string) => string | undefined;
  /** As `readRulesetAside`. */
  readonly ruleset: () => Promise<string | undefined>;
};

type Parts = {
  readonly config: Pick<Config, 'netA' | 'netB'>;
  readonly nets: Nets;
  readonly clock: Clock;
  readonly onFacts: (facts: MachineFacts) => void;
  readonly sources?: Sources;
};

const thisMachine: Sources = {
  watch: watchMachine,
  list: listInterfaces,
  setting: readSetting,
  ruleset: readRulesetAside,
};

/**
 * Follows what the kernel says of this machine, and tells it when it is something else than before; first when all was looked at once.
 * The frames of the thread that it runs in do not wait for it.
 */
export class MachineWatch {
  readonly #parts: Parts;
  readonly #sources: Sources;
  readonly #task: Task;
  readonly #endWatch: () => void;
  readonly #looks: Readonly<Record<MachinePart, PacedLook>>;
  #isClosed = false;
  #nets: Pick<MachineFacts, 'a' | 'b'>;
  /** undefined: not looked at yet. */
  #ofFilter: {readonly fault: string | undefined; readonly isKnown: boolean} | undefined;
  #told = '';

  /** @throws WorldError COMMAND_FAILED */
  constructor(parts: Parts) {
    const {config, nets, sources = thisMachine} = parts;
    this.#parts = parts;
    this.#sources = sources;
    this.#task = {netA: nets.a.name, netB: nets.b.name, gateways: config.netB.gateways};
    this.#looks = {
      nets: new PacedLook(parts.clock, async () => this.#lookAtNets()),
      filter: new PacedLook(parts.clock, async () => this.#lookAtFilter()),
    };
    this.#endWatch = sources.watch(what => this.#looks[what].soon());
    this.#nets = this.#readNets();
    void this.#looks.filter.now();
  }

  /** What is set by sysctl may change without a word: to be called now and then. */
  lookAtSettings(): void {
    if (this.#ofFilter === undefined || this.#isClosed) {
      return;
    }

    const {setting} = this.#sources;
    const ofSettings = firstMust(findUnmet(this.#task, {setting, ruleset: undefined}));
    const facts = {...this.#nets, unmet: ofSettings ?? this.#ofFilter.fault, rpFilter: this.#readRpFilter()};
    const told = JSON.stringify(facts);
    if (told !== this.#told) {
      this.#told = told;
      this.#parts.onFacts(facts);
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#endWatch();
    this.#looks.nets.close();
    this.#looks.filter.close();
  }

  #lookAtNets(): void {
    this.#nets = this.#readNetsOr(this.#nets);
    this.lookAtSettings();
  }

  async #lookAtFilter(): Promise<void> {
    this.#takeRuleset(await this.#sources.ruleset());
    this.lookAtSettings();
  }

  /** One that could be read before is asked for again until it can: a fault must neither be forgotten nor kept because a machine is busy. */
  #takeRuleset(ruleset: string | undefined): void {
    if (ruleset !== undefined) {
      this.#ofFilter = {fault: firstMust(findUnmet(this.#task, {setting: () => undefined, ruleset})), isKnown: true};
      return;
    }

    this.#ofFilter ??= {fault: undefined, isKnown: false};
    if (this.#ofFilter.isKnown) {
      this.#looks.filter.soon();
    }
  }

  /** What was known, while interfaces cannot be listed: the next change has them looked up again. */
  #readNetsOr(known: Pick<MachineFacts, 'a' | 'b'>): Pick<MachineFacts, 'a' | 'b'> {
    try {
      return this.#readNets();
    } catch (error) {
      if (!(error instanceof WorldError)) {
        throw error;
      }

      return known;
    }
  }

  #readNets(): Pick<MachineFacts, 'a' | 'b'> {
    const {
      config: {netA, netB},
      nets,
    } = this.#parts;
    const listing = this.#sources.list();
    return {a: factsOf(listing, nets.a, netA.subnet), b: factsOf(listing, nets.b, netB.subnet)};
  }

  /** The kernel takes the larger one. */
  #readRpFilter(): number | undefined {
    const values = ['all', this.#task.netB.replaceAll('.', '/')].map(scope =>
      this.#sources.setting(`net.ipv4.conf.${scope}.rp_filter`),
    );
    return values.includes(undefined) ? undefined : Math.max(...values.map(Number));
  }
}

function firstMust(unmet: readonly Unmet[]): string | undefined {
  const first = unmet.find(({weight}) => weight === 'must');
  return first && `${first.what}; type: ${first.mend}`;
}

function factsOf(listing: readonly Listed[], {name}: Interface, subnet: Subnet): NetFacts {
  const listed = listing.find(({ifname}) => ifname === name);
  return listed && {name, mtu: listed.mtu, hasAddress: addressIn(listed, subnet) !== undefined};
}

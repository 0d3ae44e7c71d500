import type {Clock} from '@tacoplex/clock';
import type {Config} from '@tacoplex/config';
import {WorldError} from '@tacoplex/errors';
import {
  findUnmet,
  type Interface,
  type Listed,
  listInterfaces,
  readFacts,
  readSetting,
  type Task,
  type Unmet,
  watchMachine,
} from '@tacoplex/links';
import {isInside, parseIp, type Subnet} from '@tacoplex/vocabulary';
import type {Nets} from './check-machine.ts';
import type {MachineFacts, NetFacts} from './impediment.ts';

/** A change is told in many messages: so long is waited for the others. */
const settleMs = 20;

type Parts = {
  readonly config: Pick<Config, 'netA' | 'netB'>;
  readonly nets: Nets;
  readonly clock: Clock;
  readonly onFacts: (facts: MachineFacts) => void;
};

/** Follows what the kernel says of this machine, and tells it when it is something else than before. */
export class MachineWatch {
  readonly #parts: Parts;
  readonly #task: Task;
  readonly #endWatch: () => void;
  readonly #changed = new Set<'nets' | 'filter'>();
  #cancelLook: (() => void) | undefined;
  #nets: Pick<MachineFacts, 'a' | 'b'>;
  #ofFilter: string | undefined;
  #told = '';

  /** @throws WorldError COMMAND_FAILED */
  constructor(parts: Parts) {
    const {config, nets} = parts;
    this.#parts = parts;
    this.#task = {netA: nets.a.name, netB: nets.b.name, gateways: config.netB.gateways};
    this.#endWatch = watchMachine(what => this.#lookSoon(what));
    this.#nets = readNets(parts);
    this.#ofFilter = this.#judgeFilter();
    this.lookAtSettings();
  }

  /** What is set by sysctl may change without a word: to be called now and then. */
  lookAtSettings(): void {
    const ofSettings = firstMust(findUnmet(this.#task, {setting: readSetting, ruleset: undefined}));
    const facts = {...this.#nets, unmet: ofSettings ?? this.#ofFilter, rpFilter: readRpFilter(this.#task.netB)};
    const told = JSON.stringify(facts);
    if (told !== this.#told) {
      this.#told = told;
      this.#parts.onFacts(facts);
    }
  }

  close(): void {
    this.#endWatch();
    this.#cancelLook?.();
  }

  #lookSoon(what: 'nets' | 'filter'): void {
    this.#changed.add(what);
    this.#cancelLook ??= this.#parts.clock.after(settleMs, () => {
      this.#cancelLook = undefined;
      this.#look();
    });
  }

  #look(): void {
    if (this.#changed.has('filter')) {
      this.#ofFilter = this.#judgeFilter();
    }

    if (this.#changed.has('nets')) {
      this.#nets = readNetsOr(this.#nets, this.#parts);
    }

    this.#changed.clear();
    this.lookAtSettings();
  }

  #judgeFilter(): string | undefined {
    return firstMust(findUnmet(this.#task, {setting: () => undefined, ruleset: readFacts().ruleset}));
  }
}

function firstMust(unmet: readonly Unmet[]): string | undefined {
  const first = unmet.find(({weight}) => weight === 'must');
  return first && `${first.what}; type: ${first.mend}`;
}

/** What was known, while interfaces cannot be listed: the next change has them looked up again. */
function readNetsOr(known: Pick<MachineFacts, 'a' | 'b'>, parts: Parts): Pick<MachineFacts, 'a' | 'b'> {
  try {
    return readNets(parts);
  } catch (error) {
    if (!(error instanceof WorldError)) {
      throw error;
    }

    return known;
  }
}

function readNets({config: {netA, netB}, nets}: Parts): Pick<MachineFacts, 'a' | 'b'> {
  const listing = listInterfaces();
  return {a: factsOf(listing, nets.a, netA.subnet), b: factsOf(listing, nets.b, netB.subnet)};
}

function factsOf(listing: readonly Listed[], {name}: Interface, subnet: Subnet): NetFacts {
  const listed = listing.find(({ifname}) => ifname === name);
  const isInNet = ({local}: {readonly local?: string}): boolean => {
    const ip = parseIp(local ?? '');
    return ip !== undefined && isInside(subnet, ip);
  };
  return listed && {name, mtu: listed.mtu, hasAddress: listed.addr_info.some(isInNet)};
}

/** The kernel takes the larger one. */
function readRpFilter(name: string): number | undefined {
  const values = ['all', name.replaceAll('.', '/')].map(scope => readSetting(`net.ipv4.conf.${scope}.rp_filter`));
  return values.includes(undefined) ? undefined : Math.max(...values.map(Number));
}

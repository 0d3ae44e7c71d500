import type {Family} from '@tacoplex/vocabulary';

type Chain = {
  readonly family: string;
  readonly table: string;
  readonly name: string;
  readonly hook?: string;
  readonly policy?: string;
};
type Rule = {
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  readonly handle?: number;
  readonly expr: readonly object[];
};

/** One entry of what `nft -j list ruleset` prints. @see libnftables-json(5) */
export type Entry = {readonly chain?: Chain; readonly rule?: Rule};

/** What the kernel is to route: packets that come in by an interface. No family: nothing. */
export type Forwarded = {readonly from: string; readonly families: readonly Family[]};

/** @param text as `nft -j list ruleset` prints it; what cannot be read is no rule */
export function readRuleset(text: string | undefined): readonly Entry[] {
  try {
    return (JSON.parse(text ?? '{}') as {nftables?: readonly Entry[]}).nftables ?? [];
  } catch {
    return [];
  }
}

/** Forward chains whose policy is to drop, as "family table chain". */
export function chainsThatDropAll(entries: readonly Entry[], forwarded: Forwarded): string[] {
  return forwardChains(entries, forwarded)
    .filter(({policy}) => policy === 'drop')
    .map(placeOfChain);
}

/**
 * Chains with a rule that drops packets of no connection, among those that what is forwarded comes by: forward chains, and what they
 * jump to. A rule for another interface does not matter, nor one behind a rule that accepts all that comes in.
 *
 * @returns each as "family table chain", once for each such rule
 */
export function rulesThatDropInvalid(entries: readonly Entry[], forwarded: Forwarded): string[] {
  const rules = rulesByPlace(entries);
  return forwardChains(entries, forwarded).flatMap(chain => new Walk(rules, forwarded.from).from(placeOfChain(chain)));
}

/** The way of a packet through a chain and those it jumps to, each once. */
class Walk {
  readonly #rules: ReadonlyMap<string, readonly Rule[]>;
  readonly #netB: string;
  readonly #seen = new Set<string>();
  readonly #found: string[] = [];

  constructor(rules: ReadonlyMap<string, readonly Rule[]>, netB: string) {
    this.#rules = rules;
    this.#netB = netB;
  }

  from(place: string): readonly string[] {
    this.#pass(place);
    return this.#found;
  }

  /** @returns whether all is accepted there */
  #pass(place: string): boolean {
    if (this.#seen.has(place)) {
      return false;
    }

    this.#seen.add(place);
    return (this.#rules.get(place) ?? []).some(rule => this.#meet(rule, place));
  }

  #meet(rule: Rule, place: string): boolean {
    const aboutIt = rule.expr.map(part => concerns(part, this.#netB));
    if (aboutIt.includes(false)) {
      return false;
    }

    const words = rule.expr.map(part => JSON.stringify(part));
    if (dropsInvalid(words)) {
      this.#found.push(place);
    }

    const areAllAccepted = targetsOf(words).map(target => this.#pass(placeOf(rule, target)));
    const [verdict, ...conditions] = words
      .filter((word, index) => aboutIt[index] !== true && !isCounter(word))
      .reverse();
    return (
      conditions.length === 0 &&
      (verdict === '{"accept":null}' || (isJump(verdict ?? '') && areAllAccepted.includes(true)))
    );
  }
}

function rulesByPlace(entries: readonly Entry[]): ReadonlyMap<string, readonly Rule[]> {
  const rules = new Map<string, Rule[]>();
  for (const {rule} of entries) {
    if (rule !== undefined) {
      const place = placeOf(rule, rule.chain);
      const there = rules.get(place);
      if (there === undefined) {
        rules.set(place, [rule]);
      } else {
        there.push(rule);
      }
    }
  }

  return rules;
}

function forwardChains(entries: readonly Entry[], {families}: Forwarded): Chain[] {
  const known = families.length === 0 ? [] : ['inet', ...families.map(family => (family === 'ipv4' ? 'ip' : 'ip6'))];
  return entries.flatMap(({chain}) => (chain?.hook === 'forward' && known.includes(chain.family) ? [chain] : []));
}

function placeOfChain(chain: Chain): string {
  return placeOf(chain, chain.name);
}

function placeOf({family, table}: Pick<Chain, 'family' | 'table'>, chain: string): string {
  return `${family} ${table} ${chain}`;
}

type Match = {readonly op: string; readonly left: {readonly meta?: {readonly key?: string}}; readonly right: unknown};

/** Whether a part of a rule is a condition that what comes in by this interface meets; undefined: it is about something else, or cannot be told. */
function concerns(part: object, interfaceName: string): boolean | undefined {
  const {match} = part as {readonly match?: Match};
  if (match === undefined || !['iif', 'iifname'].includes(match.left.meta?.key ?? '')) {
    return undefined;
  }

  const names = namesOf(match.right);
  const isMet = names?.some(name =>
    name.endsWith('*') ? interfaceName.startsWith(name.slice(0, -1)) : name === interfaceName,
  );
  return isMet === undefined ? undefined : isMet !== (match.op === '!=');
}

/** @returns undefined for a set with a name of its own */
function namesOf(right: unknown): readonly string[] | undefined {
  const all: unknown = typeof right === 'string' ? [right] : (right as {readonly set?: unknown} | null)?.set;
  const isPlain = Array.isArray(all) && all.every(name => typeof name === 'string' && !name.startsWith('@'));
  return isPlain ? (all as string[]) : undefined;
}

function isCounter(word: string): boolean {
  return word.startsWith('{"counter"');
}

function isJump(word: string): boolean {
  return /^\{"(jump|goto)"/.test(word);
}

/** In a map of verdicts too. */
function targetsOf(words: readonly string[]): string[] {
  return words.flatMap(word =>
    [...word.matchAll(/"(?:jump|goto)":\{"target":"([^"]+)"/g)].map(([, name = '']) => name),
  );
}

/** `ct state invalid drop`, or the same in a map of verdicts. */
function dropsInvalid(words: readonly string[]): boolean {
  const aboutState = words.filter(word => word.includes('"key":"state"'));
  const isMapped = aboutState.some(word => /\["invalid",\{"(drop|reject)"/.test(word));
  const isMatched = aboutState.some(
    word => word.startsWith('{"match"') && word.includes('"invalid"') && !word.includes('"op":"!="'),
  );
  return isMapped || (isMatched && words.some(isRefusal));
}

/** A verdict, or iptables' own. */
function isRefusal(word: string): boolean {
  return /^\{"(drop|reject)"/.test(word) || word === '{"xt":{"type":"target","name":"REJECT"}}';
}

/**
 * Say of rules that iptables made for what states they are, which `nft -j` leaves out.
 *
 * @param json as `nft -j list ruleset` prints it
 * @param text as `nft -a list ruleset` prints it, which tells them where nft was built with what it takes; elsewhere they stay unknown
 */
export function tellStates(json: string, text: string): string {
  const states = readStates(text);
  const nftables = readRuleset(json).map(entry => {
    const {rule} = entry;
    const told = rule && states.get(`${rule.family} ${rule.table} ${rule.handle}`);
    return rule === undefined || told === undefined
      ? entry
      : {...entry, rule: {...rule, expr: rule.expr.map(part => stateOr(part, told))}};
  });
  return JSON.stringify({nftables});
}

/** Whether there is a rule of which `nft -j` does not say for what states it is. */
export function hidesStates(json: string): boolean {
  return hidden.test(json);
}

const hidden = /\{"xt": ?\{"type": ?"match", ?"name": ?"(conntrack|state)"\}\}/;

function stateOr(part: object, right: {readonly set: readonly string[]}): object {
  return hidden.test(JSON.stringify(part)) ? {match: {op: 'in', left: {ct: {key: 'state'}}, right}} : part;
}

/** By family, table and handle. */
function readStates(text: string): ReadonlyMap<string, {readonly set: readonly string[]}> {
  const states = new Map<string, {readonly set: readonly string[]}>();
  let table = '';
  for (const line of text.split('\n')) {
    table = /^table (\S+ \S+) \{/.exec(line)?.[1] ?? table;
    const [, set, handle] = /\bct state ([a-z,]+) .*# handle (\d+)$/.exec(line) ?? [];
    if (set !== undefined) {
      states.set(`${table} ${handle}`, {set: set.split(',')});
    }
  }

  return states;
}

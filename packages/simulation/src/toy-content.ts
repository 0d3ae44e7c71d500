import type {Carried, Content, Member, Value} from '@tacoplex/election';
import type {LevelerId, Version} from '@tacoplex/vocabulary';
import {type KeyStep, noKeys, type ToyKeys, takeKeyStep} from './toy-keys.ts';

/** The simulated state: who is a member, and which commands have taken effect, in order. */
export type Toy = {
  readonly lineage: string;
  readonly version: Version;
  readonly members: readonly Member[];
  readonly entries: readonly string[];
  readonly forks?: number;
  readonly keys?: ToyKeys;
};

export type ToyCommand = {
  readonly id: string;
  readonly admit?: Member;
  readonly remove?: number;
  readonly giveUp?: readonly number[];
  readonly keyStep?: KeyStep;
};

const [encoder, decoder] = [new TextEncoder(), new TextDecoder()];
const toBytes = (what: unknown): Uint8Array => encoder.encode(JSON.stringify(what));

/** FNV-1a of 64 bits: no secret here, only equality. */
export function digestOf(bytes: Uint8Array): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of bytes) {
    hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn;
  }

  return hash.toString(16).padStart(16, '0');
}

export function toyOf({bytes}: Pick<Value, 'bytes'>): Required<Toy> {
  return JSON.parse(decoder.decode(bytes)) as Required<Toy>;
}

export function toyValue({lineage, version, members, entries, forks = 0, keys = noKeys}: Toy): Value {
  const {term, leader, nonce, index} = version;
  const bytes = toBytes({lineage, version: {term, leader, nonce, index}, members, entries, forks, keys});
  return {lineage, version, members, barred: [], bytes, forks, digest: digestOf(bytes)};
}

export const encodeToyCommand = (command: ToyCommand): Uint8Array => toBytes(command);

export const readCommand = (bytes: Uint8Array): ToyCommand => JSON.parse(decoder.decode(bytes)) as ToyCommand;

/** Patches that carry what was added; whole states as JSON. */
export const toyContent: Content = {
  restamp: (value, version) => toyValue({...toyOf(value), version}),
  carryOut(value, version, command, shown): Carried {
    const toy = toyOf(value);
    const {id, admit, remove, giveUp, keyStep} = readCommand(command);
    if (toy.entries.includes(id)) {
      return {kind: 'repeated', refusal: '', changes: [id]};
    }

    if (keyStep !== undefined) {
      const taken = takeKeyStep(toy, id, keyStep, shown);
      const keyed = {...toy, version, entries: [...toy.entries, id]};
      return taken.kind === 'refused'
        ? taken
        : {kind: 'done', value: toyValue({...keyed, keys: taken.keys}), changes: [id]};
    }

    const members = [...toy.members.filter(member => member.id !== remove && member.id !== admit?.id)];
    members.push(...(admit === undefined ? [] : [admit]));
    members.sort((one, other) => one.id - other.id);
    if (members.length === 0) {
      return {kind: 'refused', refusal: 'the last member', advice: ''};
    }

    if (giveUp !== undefined) {
      const left = members.filter(member => !giveUp.includes(member.id));
      const [lineage, forks] = [digestOf(encoder.encode(`${toy.lineage} ${id}`)), toy.forks + 1];
      const entries = [...toy.entries, id];
      return {kind: 'done', value: toyValue({...toy, lineage, version, members: left, entries, forks}), changes: [id]};
    }

    return {kind: 'done', value: toyValue({...toy, version, members, entries: [...toy.entries, id]}), changes: [id]};
  },
  givesUp: command => (readCommand(command).giveUp ?? []).map(number => number as LevelerId),
  admission: (member, id) => encodeToyCommand({id: `admit-${digestOf(id)}`, admit: member}),
  encodePatch(from, to) {
    const [was, is] = [toyOf(from), toyOf(to)];
    return toBytes({...is, base: from.digest, entries: is.entries.slice(was.entries.length)});
  },
  applyPatch(from, patch) {
    const {base, entries, ...rest} = toyOf({bytes: patch}) as Required<Toy> & {base: string};
    if (base !== from.digest) {
      throw new RangeError('patch: of another state');
    }

    return toyValue({...rest, entries: [...toyOf(from).entries, ...entries]});
  },
  open: bytes => toyValue(toyOf({bytes})),
};

export const id = (number: number): LevelerId => number as LevelerId;

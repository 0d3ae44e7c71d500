import type {Carried, Content, Member, Value} from '@tacoplex/election';
import type {LevelerId, Version} from '@tacoplex/vocabulary';

/** The simulated state: who is a member, and which commands have taken effect, in order. */
export type Toy = {
  readonly lineage: string;
  readonly version: Version;
  readonly members: readonly Member[];
  readonly entries: readonly string[];
  readonly forks?: number;
};

export type ToyCommand = {
  readonly id: string;
  readonly admit?: Member;
  readonly remove?: number;
  readonly giveUp?: readonly number[];
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

export function toyOf({bytes}: Pick<Value, 'bytes'>): Toy {
  return JSON.parse(decoder.decode(bytes)) as Toy;
}

export function toyValue({lineage, version, members, entries, forks = 0}: Toy): Value {
  const {term, leader, nonce, index} = version;
  const bytes = toBytes({lineage, version: {term, leader, nonce, index}, members, entries, forks});
  return {lineage, version, members, barred: [], bytes, forks, digest: digestOf(bytes)};
}

export const encodeToyCommand = (command: ToyCommand): Uint8Array => toBytes(command);

const readCommand = (bytes: Uint8Array): ToyCommand => JSON.parse(decoder.decode(bytes)) as ToyCommand;

/** Patches that carry what was added; whole states as JSON. */
export const toyContent: Content = {
  restamp: (value, version) => toyValue({...toyOf(value), version}),
  carryOut(value, version, command): Carried {
    const toy = toyOf(value);
    const {id, admit, remove, giveUp} = readCommand(command);
    if (toy.entries.includes(id)) {
      return {kind: 'repeated', refusal: '', changes: [id]};
    }

    const members = [...toy.members.filter(member => member.id !== remove && member.id !== admit?.id)];
    members.push(...(admit === undefined ? [] : [admit]));
    members.sort((one, other) => one.id - other.id);
    if (members.length === 0) {
      return {kind: 'refused', refusal: 'the last member', advice: ''};
    }

    if (giveUp !== undefined) {
      const left = members.filter(member => !giveUp.includes(member.id));
      const [lineage, forks] = [digestOf(encoder.encode(`${toy.lineage} ${id}`)), (toy.forks ?? 0) + 1];
      const entries = [...toy.entries, id];
      return {kind: 'done', value: toyValue({lineage, version, members: left, entries, forks}), changes: [id]};
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
    const {base, entries, ...rest} = toyOf({bytes: patch}) as Toy & {base: string};
    if (base !== from.digest) {
      throw new RangeError('patch: of another state');
    }

    return toyValue({...rest, entries: [...toyOf(from).entries, ...entries]});
  },
  open: bytes => toyValue(toyOf({bytes})),
};

export const id = (number: number): LevelerId => number as LevelerId;

import {execFileSync, spawnSync} from 'node:child_process';
import {reasons, shellReasons} from '@tacoplex/leveling';
import test from 'ava';
import * as layout from '../src/layout.ts';
import {forwarderFile} from '../src/object-files.ts';

type Member = {readonly name: string; readonly bits_offset: number; readonly type_id: number};
type Type = {
  readonly id: number;
  readonly kind: string;
  readonly name: string;
  readonly size?: number;
  readonly nr_elems?: number;
  readonly members?: readonly Member[];
  readonly values?: readonly {readonly name: string; readonly val: number}[];
};

const withBpftool = spawnSync('bpftool', ['version']).status === 0 ? test : test.skip; // It prints the type information

const readTypes = (): readonly Type[] => {
  const text = execFileSync('bpftool', ['-j', 'btf', 'dump', 'file', forwarderFile], {maxBuffer: 1e8}).toString();
  return (JSON.parse(text) as {types: readonly Type[]}).types;
};

const found = (types: readonly Type[], kind: string, name: string): Type => {
  const type = types.find(candidate => candidate.kind === kind && candidate.name === name);
  if (type === undefined) {
    throw new RangeError(`no ${kind} ${name}`);
  }

  return type;
};

const elements = (types: readonly Type[], struct: string, member: string): number | undefined => {
  const {members = []} = found(types, 'STRUCT', struct);
  return types.find(({id}) => id === members.find(({name}) => name === member)?.type_id)?.nr_elems;
};

const structs = {
  address_slot: layout.addressSlot,
  service_slot: layout.serviceSlot,
  server: layout.server,
  image: layout.image,
  bin: layout.bin,
  control: layout.control,
  counters: layout.counters,
  fragment_key: layout.fragmentKey,
  fragment_entry: layout.fragmentEntry,
  held: layout.held,
  decision: layout.decision,
};

for (const [name, expected] of Object.entries(structs)) {
  withBpftool(`struct ${name} is laid out as the control half writes it`, t => {
    const {size, members = []} = found(readTypes(), 'STRUCT', name);

    t.deepEqual(
      {bytes: size, ...Object.fromEntries(members.map(({name: field, bits_offset}) => [field, bits_offset / 8]))},
      {
        ...expected,
      },
    );
  });
}

withBpftool('tables have as many entries as the control half takes for granted', t => {
  const types = readTypes();

  t.is(elements(types, 'image', 'addresses'), layout.addressBuckets * layout.slotsPerBucket);
  t.is(elements(types, 'image', 'services'), layout.serviceBuckets * layout.slotsPerBucket);
  t.is(elements(types, 'image', 'servers'), layout.serverCount);
  t.is(elements(types, 'counters', 'services'), layout.sideCount * layout.serviceCount);
  t.is(elements(types, 'counters', 'servers'), layout.serverCount);
  t.is(elements(types, 'staged', 'bytes'), layout.longestHeld);
});

withBpftool('reasons have the numbers of the forwarding function, those of the shell behind them', t => {
  const {values = []} = found(readTypes(), 'ENUM', 'reason');
  const names = [...reasons, ...shellReasons, 'count'];

  t.deepEqual(
    values.map(({name, val}) => [name, val]),
    names.map((name, number) => [`REASON_${name.toUpperCase().replaceAll('-', '_')}`, number]),
  );
});

test('the lease is where every layout has it, for a successor of another one keeps it', t => {
  t.is(layout.control.forward_until_ns, 0);
});

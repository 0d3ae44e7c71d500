import {createHash} from 'node:crypto';
import {closeSync, constants, openSync, readFileSync, writeFileSync, writeSync} from 'node:fs';
import {join} from 'node:path';
import {calmly, claim, type Fault, type Shown} from './fault.ts';
import {proofs} from './proofs.ts';
import type {Scene} from './scene.ts';

/** The state file: magic and form in 16 bytes, SHA-256 of these and of the rest in 32. */
const head = {form: 10, sum: 16, bytes: 48} as const;

/** Rows about what levelers keep and write. */
export const disks: readonly Fault[] = [
  {
    row: 35,
    title: 'the state file cannot be believed, or not be written',
    how: "a leveler's state.pb changed, its elector killed",
    cases: [
      {name: 'torn', verdict: {kind: 'Z'}, play: async scene => spoil(scene, tear, /it is torn/)},
      {
        name: 'empty',
        verdict: {kind: 'Z'},
        provenBy: proofs.spoiltState,
        play: async scene => spoil(scene, () => Buffer.alloc(0), /it is empty/),
      },
      {
        name: 'of the future',
        verdict: {kind: 'Z'},
        provenBy: proofs.laterState,
        play: async scene => spoil(scene, advance, /it has form 9/),
      },
      {
        name: 'of another cluster',
        verdict: {kind: 'Z'},
        provenBy: proofs.foreignState,
        play: async scene => spoil(scene, file => rename(file, scene.lab.name), /the state is of the cluster/),
      },
      {name: 'read-only', verdict: {kind: 'Z'}, play: readOnly},
    ],
  },
  {
    row: 36,
    title: 'no room to write',
    how: 'a full disk under the state; nobody who reads what processes log',
    cases: [
      {name: 'disk full', verdict: {kind: 'Z'}, play: fillDisk},
      {name: 'log pipe blocked', verdict: {kind: 'Z'}, play: blockLogs},
    ],
  },
];

async function spoil(scene: Scene, change: (file: Buffer) => Buffer, reason: RegExp): Promise<Shown> {
  const {lab} = scene;
  const leveler = scene.pick(scene.others(scene.leader));
  const file = join(lab.folder, leveler, 'lib/state.pb');
  const beganMs = Date.now();
  writeFileSync(file, change(readFileSync(file)));
  const former = await lab.killProcess(leveler, 'elector');
  await lab.waitForSuccessor(leveler, 'elector', former);
  const told = await scene.logged([leveler], 'elector', /file not used/, beganMs);
  return {findings: [claim(`it says why (${told.text})`, reason.test(told.text))]};
}

function tear(file: Buffer): Buffer {
  return file.subarray(0, Math.floor(file.length / 2));
}

function advance(file: Buffer): Buffer {
  const later = Buffer.from(file);
  later.writeUInt16BE(9, head.form);
  return later;
}

/** The same state with another cluster's name in it, of the same length, and a checksum that fits. */
function rename(file: Buffer, name: string): Buffer {
  const other = Buffer.from(file);
  const at = other.indexOf(name, head.bytes);
  other.write([...name].reverse().join(''), at, 'latin1');
  const sum = createHash('sha256').update(other.subarray(0, head.sum)).update(other.subarray(head.bytes));
  sum.digest().copy(other, head.sum);
  return other;
}

async function readOnly(scene: Scene): Promise<Shown> {
  const leveler = scene.pick(scene.levelers);
  const folder = '/var/lib/tacoplex';
  await must(scene, leveler, `mount --bind ${folder} ${folder} && mount -o remount,bind,ro ${folder}`);
  return withFailingDisk(scene, leveler, `umount ${folder}`);
}

async function fillDisk(scene: Scene): Promise<Shown> {
  const leveler = scene.pick(scene.levelers);
  const folder = '/var/lib/tacoplex';
  const fill = `dd if=/dev/zero of=${folder}/ballast bs=4k 2>/dev/null; true`;
  await must(scene, leveler, `mount -t tmpfs -o size=64k tmpfs ${folder} && { ${fill}; }`);
  return withFailingDisk(scene, leveler, `umount ${folder}`);
}

/** Change the cluster's state while a leveler cannot keep it, and again when it can. */
async function withFailingDisk(scene: Scene, leveler: string, mend: string): Promise<Shown> {
  const {lab} = scene;
  const group = `fault-${scene.draw(1_000_000)}`;
  const [witness = ''] = scene.others(leveler);
  const beganMs = Date.now();
  const added = await lab.exec(witness, ['taco', 'group', 'add', group]);
  const told = await scene.logged([leveler], 'elector', /disk fails/, beganMs);
  await must(scene, leveler, mend);
  const removed = await lab.exec(witness, ['taco', 'group', 'remove', group]);
  await scene.logged([leveler], 'elector', /disk works again/, told.atMs);
  return {
    findings: [
      claim(`a change is made meanwhile (${added.stderr.trim()})`, added.code === 0),
      claim(`and another afterwards (${removed.stderr.trim()})`, removed.code === 0),
    ],
  };
}

/** Nobody reads what a leveler's processes log, pipes are full, and there is something to tell. */
async function blockLogs(scene: Scene): Promise<Shown> {
  const {lab} = scene;
  const leveler = scene.pick(scene.others(scene.leader));
  const [silenced = ''] = scene.others(scene.leader, leveler);
  const beganMs = Date.now();
  const pids = await Promise.all(
    ((await lab.supervised(leveler)) ?? []).map(async ({name}) => lab.processPid(leveler, name)),
  );
  await lab.signalAll(leveler, 'SIGSTOP', 'init');
  const filled = pids.map(pid => fillPipe(`/proc/${pid}/fd/2`));
  for (let round = 0; round < 3; round++) {
    const former = await lab.killProcess(silenced, 'elector');
    await lab.waitForSuccessor(silenced, 'elector', former);
    await scene.pause(300);
  }

  await scene.pause(2500); // Longer than a lease
  const missed = scene
    .log(scene.leader, 'elector', beganMs)
    .filter(({text}) => new RegExp(`leveler silent .*name=${leveler}$`).test(text));
  await lab.signalAll(leveler, 'SIGCONT', 'init');
  return {
    findings: [
      claim(
        'every pipe was full',
        filled.every(bytes => bytes > 0),
      ),
      calmly(`it is heard all the time (silent ${missed.length} times)`, missed.length === 0),
    ],
  };
}

/** @returns bytes that went in */
function fillPipe(path: string): number {
  const pipe = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  const line = Buffer.from(`${'-'.repeat(1023)}\n`);
  let bytes = 0;
  try {
    for (;;) {
      bytes += writeSync(pipe, line);
    }
  } catch {
    return bytes; // EAGAIN: full
  } finally {
    closeSync(pipe);
  }
}

async function must({lab}: Scene, leveler: string, script: string): Promise<void> {
  const {code, stderr} = await lab.exec(leveler, ['sh', '-c', script]);
  if (code !== 0) {
    throw new Error(`${leveler}: ${script}: ${stderr.trim()}`);
  }
}

import test, {type ExecutionContext, type TestFn} from 'ava';
import {ForwarderStage} from './forwarder-stage.ts';
import {addServer, addService, serviceAddress, stateOf} from './stage-states.ts';

const onNamespaces = (process.getuid?.() === 0 ? test.serial : test.serial.skip) as TestFn; // Making namespaces needs root
const port = 5000;

const state = stateOf([addServer(0), addServer(1), addService(serviceAddress)]);

let stages = 0;
const createStage = async (t: ExecutionContext): Promise<ForwarderStage> => {
  const stage = new ForwarderStage(`tpk${process.pid % 100_000}${String.fromCharCode(97 + stages++)}`);
  t.teardown(async () => stage.destroy());
  stage.build();
  stage.serveClients();
  await stage.openBuses();
  stage.allow(true);
  stage.sayState(state);
  return stage;
};

/** Error numbers of Linux, and commands of bpf(2). */
const [eperm, einval, enosys] = [1, 22, 38];
const [createMap, loadProgram, createLink] = [0, 5, 28];

const kernels = [
  {what: 'built without BPF', refusals: `${enosys}`, says: /ENOSYS.*was built without BPF \(CONFIG_BPF_SYSCALL\)/},
  {
    what: 'that knows no ring buffers, as before 5.8',
    refusals: `${einval}@${createMap}`,
    says: /cannot load .*: EINVAL/,
  },
  {what: 'whose verifier refuses the program', refusals: `${einval}@${loadProgram}`, says: /cannot load .*: EINVAL/},
  {what: 'without links of XDP, as before 5.9', refusals: `${einval}@${createLink}`, says: /cannot attach .*: EINVAL/},
  {what: 'whose container forbids bpf(2)', refusals: `${eperm}`, says: /EPERM.*lockdown .*seccomp profile/},
] as const;

for (const {what, refusals, says} of kernels) {
  onNamespaces(`on a kernel ${what} the cap engine runs if the choice is ours, and says why once`, async t => {
    const stage = await createStage(t);
    stage.startForwarder({engine: 'auto'}, {refusals});
    await stage.untilForwarding();

    t.is(stage.status?.engine, 'cap');
    t.regex(stage.status?.engineReason ?? '', says);
    const notices = stage.lines.filter(line => line.includes('notice: xdp engine cannot run, the cap engine does'));
    t.is(notices.length, 1);
    t.regex(notices[0] ?? '', says);
  });

  onNamespaces(`on a kernel ${what} an xdp engine that was asked for is refused in one line`, async t => {
    const stage = await createStage(t);

    t.is(await stage.exitCode(stage.startForwarder({engine: 'xdp'}, {refusals})), 1);
    t.is(stage.lines.length, 1, stage.lines.join('\n'));
    t.regex(stage.lines[0] ?? '', / fatal: cannot go on code=KERNEL_REFUSED reason=/);
    t.regex(stage.lines[0] ?? '', says);
  });
}

onNamespaces(
  'frames that a driver would hand over in several buffers go the generic way, whole, and status says why',
  async t => {
    const stage = await createStage(t);
    stage.setMtu(9000);
    stage.startForwarder({engine: 'xdp'});
    await stage.untilForwarding();

    t.is(stage.status?.engine, 'xdp');
    t.is(
      stage.status?.engineReason,
      'as configured, generic mode: the driver refuses native XDP: ERANGE; at an MTU of 9000 a frame does not fit into one buffer',
    );
    const heard = await Promise.all((['server0', 'server1'] as const).map(async host => stage.receive(host, port)));
    const payload = Uint8Array.from({length: 8500}, (_, index) => index % 251);
    await stage.sendDatagrams('client', {address: serviceAddress, port}, [payload]);
    await stage.until('the datagram has come', () => heard.flat().length === 1);
    t.is(heard.flat()[0], Buffer.from(payload).toString('hex'));
  },
);

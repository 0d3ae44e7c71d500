import {execFile, execFileSync} from 'node:child_process';
import {promisify} from 'node:util';
import test, {type ExecutionContext} from 'ava';

const onNamespaces = process.getuid?.() === 0 ? test : test.skip; // Making namespaces needs root

/** A namespace with two ends of one wire, a0 and a1. */
const makeWire = (t: ExecutionContext, number: number): string => {
  const namespace = `tpcap${process.pid}x${number}`;
  const run = (...words: string[]): Buffer => execFileSync('ip', words);
  run('netns', 'add', namespace);
  t.teardown(() => run('netns', 'del', namespace));
  run('-n', namespace, 'link', 'add', 'a0', 'type', 'veth', 'peer', 'name', 'a1');
  run('-n', namespace, 'link', 'set', 'a0', 'up');
  run('-n', namespace, 'link', 'set', 'a1', 'up');
  return namespace;
};

const preamble = `
  import {execFileSync} from 'node:child_process';
  import {readdirSync, readFileSync, readlinkSync} from 'node:fs';
  import {setTimeout as sleep} from 'node:timers/promises';
  import {openCapture} from ${JSON.stringify(new URL('../src/index.js', import.meta.url).href)};
  const ip = (...words) => execFileSync('ip', words);
  const frame = Buffer.alloc(100, 0xff);
  frame.writeUInt16BE(0x88b5, 12); // An experimental Ethernet type
  const filter = 'ether proto 0x88b5';
  const open = (interfaceName, onFrame = () => {}) => openCapture({interfaceName, filter, ringBytes: 2097152, onFrame});
  const until = async holds => { for (let tries = 0; !holds() && tries < 200; tries++) await sleep(10); return holds(); };
  const targetOf = file => { try { return readlinkSync('/proc/self/fd/' + file); } catch { return undefined; } }; // Gone since
  const print = value => console.log(JSON.stringify(value));
`;

/** What the script prints, one JSON value for each line; it runs in the namespace, in a process of its own. */
const runInside = async (namespace: string, script: string): Promise<unknown[]> => {
  const words = [`--net=/run/netns/${namespace}`, process.execPath, '--expose-gc', '--input-type=module', '-e'];
  const {stdout} = await promisify(execFile)('nsenter', [...words, preamble + script], {timeout: 300_000});
  return stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as unknown);
};

onNamespaces('what one end sends, the other receives byte for byte', async t => {
  const printed = await runInside(
    makeWire(t, 1),
    `
    const heard = [];
    const [one, other] = [open('a0'), open('a1', (frame, length) => heard.push(frame.toString('hex', 0, length)))];
    print(one.send(frame, frame.length));
    print(await until(() => heard.length === 1) && heard[0] === frame.toString('hex'));
    print(other.countLost());
    one.close(); other.close();
    print(one.isOpen);
  `,
  );

  t.deepEqual(printed, [true, true, 0, false]);
});

onNamespaces('a capture hears again when it is reopened after its link was down', async t => {
  const printed = await runInside(
    makeWire(t, 2),
    `
    let heard = 0;
    const [one, other] = [open('a0'), open('a1', () => heard++)];
    ip('link', 'set', 'a1', 'down');
    await sleep(50);
    print(other.send(frame, 100));
    print([...other.faults.keys()]);
    ip('link', 'set', 'a1', 'up');
    other.reopen();
    one.send(frame, 100);
    print(await until(() => heard > 0));
    process.exit(0);
  `,
  );

  t.deepEqual(printed, [false, ['send-network-is-down'], true]);
});

onNamespaces('an interface that is missing, down or deleted is refused without harm, and opens later', async t => {
  const printed = await runInside(
    makeWire(t, 3),
    `
    const attempt = action => { try { action(); return 'done'; } catch (error) { return error.facts.code; } };
    print(attempt(() => open('a9')));
    const one = open('a0');
    ip('link', 'set', 'a0', 'down');
    print(attempt(() => one.reopen()));
    print(one.isOpen);
    print(one.send(frame, 100));
    ip('link', 'del', 'a0');
    print(attempt(() => one.reopen()));
    for (let times = 0; times < 5; times++) { globalThis.gc(); await sleep(10); }
    ip('link', 'add', 'a0', 'type', 'veth', 'peer', 'name', 'a1');
    ip('link', 'set', 'a0', 'up'); ip('link', 'set', 'a1', 'up');
    print(attempt(() => one.reopen()));
    print(one.send(frame, 100));
    process.exit(0);
  `,
  );

  t.deepEqual(printed, ['INTERFACE_UNUSABLE', 'INTERFACE_UNUSABLE', false, false, 'INTERFACE_UNUSABLE', 'done', true]);
});

onNamespaces('a frame that is too long is refused and counted', async t => {
  const printed = await runInside(
    makeWire(t, 4),
    `
    const one = open('a0');
    print(one.send(Buffer.alloc(9000), 9000));
    print([...one.faults]);
    process.exit(0);
  `,
  );

  t.deepEqual(printed, [false, [['send-message-too-long', 1]]]);
});

onNamespaces('frames that find the ring full are counted', async t => {
  const printed = await runInside(
    makeWire(t, 5),
    `
    let heard = 0;
    const [one, other] = [open('a0'), open('a1', () => heard++)];
    for (let sent = 0; sent < 5000; sent++) one.send(frame, 100);
    await until(() => heard + other.countLost() === 5000);
    print(heard + other.countLost());
    print(other.countLost() > 0);
    process.exit(0);
  `,
  );

  t.deepEqual(printed, [5000, true]);
});

onNamespaces('a bug in the handler ends the process with its stack', async t => {
  const error = await t.throwsAsync<Error & {stderr: string}>(
    runInside(
      makeWire(t, 6),
      `
      const [one, other] = [open('a0'), open('a1', () => { throw new Error('broken promise'); })];
      one.send(frame, 100);
      await sleep(5000);
      other.close();
    `,
    ),
  );

  t.regex(error?.stderr ?? '', /Error: broken promise/);
});

onNamespaces('children do not inherit the socket', async t => {
  const printed = await runInside(
    makeWire(t, 7),
    `
    const one = open('a0');
    const [, inode] = /(\\d+)\\s*$/.exec(readFileSync('/proc/net/packet', 'utf8'));
    const socket = 'socket:[' + inode + ']';
    const inherited = execFileSync('ls', ['-l', '/proc/self/fd'], {encoding: 'utf8'});
    print([one.isOpen, readdirSync('/proc/self/fd').map(targetOf).includes(socket), inherited.includes(socket)]);
    process.exit(0);
  `,
  );

  t.deepEqual(printed, [[true, true, false]]);
});

onNamespaces('in a flood the event loop turns, and what is sent to us alone is heard', async t => {
  const [printed] = await runInside(
    makeWire(t, 8),
    `
    if (process.env.FLOODS) {
      const one = open('a0');
      const own = Buffer.from(frame);
      own.set([2, 0, 0, 0, 0xaa, 1]);
      for (let sent = 0; sent < 200_000; sent++) one.send(sent % 100 === 0 ? own : frame, 100);
      process.exit(0);
    }
    const {spawn} = await import('node:child_process');
    const bound = {mostPerTurn: 8, pauses: {leastMs: 10, mostMs: 80}, direct: {mac: '02:00:00:00:aa:01', etherType: 0x88b5}};
    const [heard, inTurn] = [{toAll: 0, toUs: 0, most: 0}, {frames: 0, turns: 0}];
    const onFrame = heardFrame => {
      heardFrame[0] === 2 ? heard.toUs++ : heard.toAll++;
      heard.most = Math.max(heard.most, ++inTurn.frames);
    };
    const other = openCapture({interfaceName: 'a1', filter, ringBytes: 2097152, onFrame, bound});
    const turn = () => { inTurn.frames = 0; inTurn.turns++; loop = setImmediate(turn); };
    let loop = setImmediate(turn);
    const child = spawn(process.execPath, process.execArgv, {env: {...process.env, FLOODS: 'yes'}, stdio: 'inherit'});
    await new Promise(resolve => child.on('exit', resolve));
    await sleep(100); // Longer than any pause: it lets all in again
    const one = open('a0');
    const before = heard.toAll;
    one.send(frame, 100);
    const isOpen = await until(() => heard.toAll > before);
    print({...heard, isOpen, turns: inTurn.turns, flood: other.faults.get('flood')});
    process.exit(0);
  `,
  );

  const {most, toUs, toAll, isOpen, flood} = printed as Record<string, number>;
  t.log(printed);
  t.true(Number(most) <= 24, `${most} frames in one turn`); // Each of the openings has its bound
  t.true(Number(toUs) > 0);
  t.true(Number(toAll) < 198_000);
  t.true(Boolean(isOpen));
  t.true(Number(flood) > 0);
});

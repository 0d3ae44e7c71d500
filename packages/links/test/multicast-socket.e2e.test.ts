import {type ChildProcess, execFileSync, spawn} from 'node:child_process';
import {once} from 'node:events';
import {fileURLToPath} from 'node:url';
import test, {type ExecutionContext} from 'ava';

const onStage = process.getuid?.() === 0 ? test.serial : test.serial.skip; // Making namespaces needs root
const peer = fileURLToPath(new URL('./multicast-peer.js', import.meta.url));

const ip = (...words: string[]): void => {
  execFileSync('ip', words);
};

/** Two machines with two cables between them: a0 is 10.9.0.x, b0 is 10.9.1.x. */
const stage = (t: ExecutionContext): readonly [string, string] => {
  const names = [`taco-links-${process.pid}-0`, `taco-links-${process.pid}-1`] as const;
  for (const name of names) {
    ip('netns', 'add', name);
    t.teardown(() => ip('netns', 'del', name));
  }

  for (const [index, cable] of ['a0', 'b0'].entries()) {
    ip('link', 'add', cable, 'netns', names[0], 'type', 'veth', 'peer', 'name', cable, 'netns', names[1]);
    for (const [host, name] of names.entries()) {
      ip('-n', name, 'addr', 'add', `10.9.${index}.${host + 1}/24`, 'dev', cable);
      ip('-n', name, 'link', 'set', cable, 'up');
    }
  }

  return names;
};

const start = (t: ExecutionContext, namespace: string, ...words: string[]): ChildProcess => {
  const child = spawn('nsenter', [`--net=/run/netns/${namespace}`, process.execPath, peer, ...words]);
  t.teardown(() => child.kill('SIGKILL'));
  return child;
};

/** The next line that a peer prints and that matches; the test's own limit bounds the wait. */
const says = async (child: ChildProcess, pattern: RegExp): Promise<string> => {
  for (;;) {
    const [data] = await once(child.stdout!, 'data');
    const line = String(data)
      .split('\n')
      .find(text => pattern.test(text));
    if (line !== undefined) {
      return line;
    }
  }
};

onStage('peers hear the group and what is meant for them, on their own interface alone', async t => {
  const [one, two] = stage(t);
  const onA = start(t, one, 'a0', '10.9.0.1');
  const onB = start(t, one, 'b0', '10.9.1.1');
  start(t, two, 'a0', '10.9.0.2', '10.9.0.1');
  start(t, two, 'b0', '10.9.1.2', '10.9.1.1');
  const heard = {a: '', b: ''};
  onA.stdout?.on('data', data => {
    heard.a += String(data);
  });
  onB.stdout?.on('data', data => {
    heard.b += String(data);
  });

  await Promise.all([says(onA, /you alone/), says(onB, /you alone/), says(onA, /hello a0/), says(onB, /hello b0/)]);
  await Promise.all([says(onA, /hello a0/), says(onB, /hello b0/)]);

  t.notRegex(heard.a, /b0|10\.9\.1\.|10\.9\.0\.1 /);
  t.notRegex(heard.b, /a0|10\.9\.0\.|10\.9\.1\.1 /);
});

onStage('a link that goes down and an address that goes away are survived', async t => {
  const [one, two] = stage(t);
  const listener = start(t, one, 'a0', '10.9.0.1');
  start(t, two, 'a0', '10.9.0.2');
  await says(listener, /heard 10\.9\.0\.2/);

  ip('-n', one, 'link', 'set', 'a0', 'down');
  await says(listener, /error \d+/);
  ip('-n', one, 'link', 'set', 'a0', 'up');
  await says(listener, /heard 10\.9\.0\.2/);

  ip('-n', one, 'addr', 'flush', 'dev', 'a0');
  await says(listener, /error \d+/);
  ip('-n', one, 'addr', 'add', '10.9.0.1/24', 'dev', 'a0');
  await says(listener, /heard 10\.9\.0\.2/);

  t.is(listener.exitCode, null);
});

onStage('nobody else can bind the port, and what is sent still comes', async t => {
  const [one, two] = stage(t);
  const listener = start(t, one, 'a0', '10.9.0.1');
  start(t, two, 'a0', '10.9.0.2');
  await says(listener, /heard 10\.9\.0\.2/);

  for (const sharing of ['reuseAddr', 'reusePort']) {
    const code = `const s = require('node:dgram').createSocket({type: 'udp4', ${sharing}: true});
      s.on('error', ({code}) => { console.log(code); s.close(); }).bind(7848, () => { console.log('bound'); s.close(); });`;
    const words = [`--net=/run/netns/${one}`, '--setgid=65534', '--setuid=65534', process.execPath, '-e', code];
    t.is(execFileSync('nsenter', words, {encoding: 'utf8', cwd: '/'}).trim(), 'EADDRINUSE', sharing);
  }

  await says(listener, /heard 10\.9\.0\.2/);
});

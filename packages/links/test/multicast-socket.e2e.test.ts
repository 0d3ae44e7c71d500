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

/**
 * Two machines behind a switch that drops what goes to groups that nobody has reported for three seconds, and asks nobody. A
 * bridge of Linux without any querier would let everything pass: this one takes itself for a querier, and asks once a day.
 */
const snooping = (t: ExecutionContext): readonly [string, string] => {
  const bridge = `taco-links-${process.pid}-w`;
  const names = [`taco-links-${process.pid}-0`, `taco-links-${process.pid}-1`] as const;
  for (const name of [bridge, ...names]) {
    ip('netns', 'add', name);
    t.teardown(() => ip('netns', 'del', name));
  }

  const centiseconds = {membership: '300', query: '8640000', response: '10'};
  ip('-n', bridge, 'link', 'add', 'net', 'type', 'bridge', 'mcast_snooping', '1', 'mcast_querier', '1');
  ip('-n', bridge, 'link', 'set', 'net', 'type', 'bridge', 'mcast_startup_query_count', '0');
  ip('-n', bridge, 'link', 'set', 'net', 'type', 'bridge', 'mcast_query_interval', centiseconds.query);
  ip('-n', bridge, 'link', 'set', 'net', 'type', 'bridge', 'mcast_query_response_interval', centiseconds.response);
  ip('-n', bridge, 'link', 'set', 'net', 'type', 'bridge', 'mcast_membership_interval', centiseconds.membership);
  ip('-n', bridge, 'link', 'set', 'net', 'up');
  for (const [host, name] of names.entries()) {
    ip('link', 'add', 'a0', 'netns', name, 'type', 'veth', 'peer', 'name', `port${host}`, 'netns', bridge);
    ip('-n', bridge, 'link', 'set', `port${host}`, 'master', 'net', 'up');
    ip('-n', name, 'addr', 'add', `10.9.0.${host + 1}/24`, 'dev', 'a0');
    ip('-n', name, 'link', 'set', 'a0', 'up');
  }

  return names;
};

onStage('a switch that snoops without a querier forgets a group outside 224.0.0.0/24, and none in it', async t => {
  const [one, two] = snooping(t);
  const listen = (group: string, port: string): ChildProcess => {
    start(t, two, 'a0', '10.9.0.2', '', group, port);
    return start(t, one, 'a0', '10.9.0.1', '', group, port);
  };
  const [kept, forgotten] = [listen('224.0.0.178', '7848'), listen('239.255.78.48', '7849')];
  await Promise.all([says(kept, /heard 10\.9\.0\.2/), says(forgotten, /heard 10\.9\.0\.2/)]);

  let inARow = 0;
  forgotten.stdout?.on('data', () => {
    inARow = 0;
  });
  for (; inARow < 20; inARow++) {
    await says(kept, /heard 10\.9\.0\.2/);
  }

  t.is(forgotten.exitCode, null, 'it listens still, and twenty of the other group came without one of its own');
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

import {execFileSync, spawn} from 'node:child_process';
import {createInterface} from 'node:readline';
import {setTimeout as pause} from 'node:timers/promises';
import test from 'ava';

const onNamespaces = process.getuid?.() === 0 ? test : test.skip; // Making namespaces needs root
const namespace = `tplinks${process.pid}`;
const ip = (...words: string[]): Buffer => execFileSync('ip', words);
const inside = (...words: string[]): Buffer => ip('-n', namespace, ...words);

const watcher = `
  import {watchLinks} from ${JSON.stringify(new URL('../src/index.js', import.meta.url).href)};
  const links = watchLinks(['a0'], (name, up) => console.log(name, up ? 'up' : 'down'));
  console.log('begins', links.isUp('a0') ? 'up' : 'down');
`;

onNamespaces('every change of a link is told, of its MAC address, its deletion and re-creation too', async t => {
  ip('netns', 'add', namespace);
  t.teardown(() => ip('netns', 'del', namespace));
  const create = (): void => {
    inside('link', 'add', 'a0', 'type', 'veth', 'peer', 'name', 'a1');
    inside('link', 'set', 'a1', 'up');
    inside('link', 'set', 'a0', 'up');
  };
  create();
  const child = spawn('nsenter', [
    `--net=/run/netns/${namespace}`,
    process.execPath,
    '--input-type=module',
    '-e',
    watcher,
  ]);
  t.teardown(() => child.kill());
  const lines = createInterface({input: child.stdout})[Symbol.asyncIterator]();
  let last = 'nothing';
  const next = async (): Promise<string> => {
    const late = pause(10_000, undefined, {ref: false}).then(() => {
      throw new Error(`waited 10 s in vain for a line; the last one was: ${last}`);
    });
    last = (await Promise.race([lines.next(), late])).value as string;
    return last;
  };

  t.is(await next(), 'begins up');
  inside('link', 'set', 'a0', 'down');
  t.is(await next(), 'a0 down');
  inside('link', 'set', 'a0', 'up');
  t.is(await next(), 'a0 up');
  inside('link', 'set', 'a1', 'down');
  t.is(await next(), 'a0 down');
  inside('link', 'set', 'a1', 'up');
  t.is(await next(), 'a0 up');
  inside('link', 'set', 'a0', 'address', '02:00:00:00:aa:aa');
  t.is(await next(), 'a0 up');
  inside('link', 'del', 'a0');
  t.is(await next(), 'a0 down');
  create();
  t.is(await next(), 'a0 up');
});

const lister = `
  import {listInterfaces, listLinks} from ${JSON.stringify(new URL('../src/index.js', import.meta.url).href)};
  const lo = listInterfaces().find(({ifname}) => ifname === 'lo');
  console.log(lo.addr_info.filter(({local}) => local.startsWith('10.')).length, listLinks().map(({name}) => name).join());
`;

onNamespaces('a machine with 9,000 addresses on its loopback is read whole', t => {
  const crowd = `${namespace}crowd`;
  ip('netns', 'add', crowd);
  t.teardown(() => ip('netns', 'del', crowd));
  const all = Array.from({length: 9000}, (_, index) => `address add 10.7.${index >> 8}.${index & 255}/32 dev lo`);
  execFileSync('ip', ['-n', crowd, '-batch', '-'], {input: all.join('\n')});

  const words = [`--net=/run/netns/${crowd}`, process.execPath, '--input-type=module', '-e', lister];
  t.is(execFileSync('nsenter', words, {encoding: 'utf8'}), '9000 lo\n');
});

import {execFileSync, spawn, spawnSync} from 'node:child_process';
import {once} from 'node:events';
import {readdirSync, readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import test from 'ava';
import {supervisedVariable} from '../src/pause.ts';

const realTime = ['--rr', '1'];
const mayBeRealTime = spawnSync('chrt', [...realTime, 'true']).status === 0; // Root may, but for some containers
const where = mayBeRealTime ? test : test.skip;

/** Prints the policies of all threads of a process with a worker, before and after. */
const script = `
  import {readdirSync, readFileSync} from 'node:fs';
  import {Worker} from 'node:worker_threads';
  import {once} from 'node:events';
  import {becomeOrdinary} from ${JSON.stringify(new URL('../src/index.js', import.meta.url).href)};
  const policies = () => readdirSync('/proc/self/task').map(thread =>
    Number(readFileSync('/proc/self/task/' + thread + '/stat', 'utf8').split(') ')[1].split(' ')[38]));
  const startWorker = async () => {
    const worker = new Worker('setTimeout(() => {}, 60_000)', {eval: true});
    await once(worker, 'online');
    return worker;
  };
  const first = await startWorker();
  const before = policies();
  becomeOrdinary();
  const second = await startWorker();
  console.log(JSON.stringify({before, after: policies()}));
  await Promise.all([first.terminate(), second.terminate()]);
`;

where('every thread of a real-time process becomes ordinary, and those it starts later are', t => {
  const words = [...realTime, process.execPath, '--input-type=module', '-e', script];
  const said = execFileSync('chrt', words, {encoding: 'utf8'});
  const {before, after} = JSON.parse(said) as {before: number[]; after: number[]};

  t.true(before.length > 2 && before.every(policy => policy === 2), said);
  t.true(after.length >= before.length && after.every(policy => policy === 0), said);
});

where('helpers of a real-time process get its lowest priority, and those of an ordinary one stay ordinary', t => {
  const helpers = `
    import {readdirSync, readFileSync} from 'node:fs';
    import {lowerHelpers} from ${JSON.stringify(new URL('../src/become-ordinary.js', import.meta.url).href)};
    lowerHelpers();
    console.log(JSON.stringify(readdirSync('/proc/self/task').map(thread => {
      const words = readFileSync('/proc/self/task/' + thread + '/stat', 'utf8').split(') ')[1].split(' ');
      return [Number(thread) === process.pid, Number(words[38]), Number(words[37])];
    })));
  `;
  const words = [process.execPath, '--input-type=module', '-e', helpers];
  const read = (file: string, ...more: readonly string[]) =>
    JSON.parse(execFileSync(file, more, {encoding: 'utf8'})) as [isMain: boolean, policy: number, priority: number][];
  const realTimeThreads = read('chrt', '--rr', '10', ...words);
  const ordinaryThreads = read(words[0]!, ...words.slice(1));

  t.true(realTimeThreads.length > 1);
  for (const [isMain, policy, priority] of realTimeThreads) {
    t.deepEqual([policy, priority], [2, isMain ? 10 : 1]);
  }

  t.true(ordinaryThreads.every(([, policy]) => policy === 0));
});

const policiesOf = (pid: number): number[] =>
  readdirSync(`/proc/${pid}/task`).map(thread =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8').split(') ')[1]?.split(' ')[38]),
  );

where('a real-time process that a supervisor starts does not wait in real time for a better config', async t => {
  const sample = fileURLToPath(new URL('./sample-daemon.js', import.meta.url));
  const child = spawn('chrt', [...realTime, process.execPath, sample, '-f', '/nowhere/taco.toml'], {
    env: {...process.env, [supervisedVariable]: 'yes'},
  });
  t.teardown(() => child.kill('SIGKILL'));
  await once(child.stderr, 'data'); // It is about to wait

  let last: number[] = [];
  for (let attempt = 0; attempt < 600 && (last.length === 0 || last.some(policy => policy !== 0)); attempt++) {
    await new Promise(resolve => setTimeout(resolve, 50));
    last = policiesOf(child.pid ?? 0);
  }

  t.true(last.length > 1 && last.every(policy => policy === 0), JSON.stringify(last));
});

import {execFileSync, spawnSync} from 'node:child_process';
import test from 'ava';

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

import test from 'ava';
import {type Life, readLives, timeFiles} from '../src/lives.ts';

const life = (file: string, parts: Partial<Life> = {}): Life => ({file, pid: 1, beganMs: 1000, ...parts});

test('of one life the later line counts, and lives are in the order in which they began', t => {
  const [one, other] = [life('/w/one.test.js'), life('/w/other.test.js', {pid: 2})];
  const whole = {...one, endedMs: 3000, cpuMs: 700};

  t.deepEqual(readLives([one, other, whole].map(each => `${JSON.stringify(each)}\n`).join('')), [whole, other]);
  t.deepEqual(readLives(''), []);
});

test('each test lasts from the end of the one before in its file, whatever ends meanwhile in another', t => {
  const lives = [
    life('/w/packages/bus/dist/test/bus.test.js', {endedMs: 4000}),
    life('/w/packages/log/dist/test/log.e2e.test.js', {pid: 2, beganMs: 1500}),
  ];
  const ended = [
    {name: 'bus › dist › test › bus › it hears', atMs: 1800},
    {name: 'log › dist › test › log.e2e › it says › twice', atMs: 2500},
    {name: 'bus › dist › test › bus › it ends', atMs: 2000},
  ];

  const [bus, log] = timeFiles(lives, ended, 9000);

  t.deepEqual(bus?.tests, [
    {title: 'it hears', ms: 800},
    {title: 'it ends', ms: 200},
  ]);
  t.deepEqual(log?.tests, [{title: 'it says › twice', ms: 1000}]);
  t.is(bus?.ms, 3000);
  t.is(log?.ms, 7500, 'it runs still');
});

test('a file that is alone has no name before its titles', t => {
  const [file] = timeFiles([life('/w/one.test.js')], [{name: 'it says › twice', atMs: 1500}], 2000);

  t.deepEqual(file?.tests, [{title: 'it says › twice', ms: 500}]);
});

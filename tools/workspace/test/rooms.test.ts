import {resolve} from 'node:path';
import test from 'ava';
import {type Project, readProjects} from '../src/projects.ts';
import {findTrespassers} from '../src/rooms.ts';
import {writeTsconfigs} from '../src/tsconfigs.ts';

const project = (name: string, changes: Partial<Project>): Project => ({
  name: `@tacoplex/${name}`,
  folder: `packages/${name}`,
  room: 'pure',
  uses: [],
  testUses: [],
  hasTests: false,
  ...changes,
});

test('a pure room that uses an edge library is told with both names', t => {
  const trespassers = findTrespassers([project('election', {uses: ['@tacoplex/bus']}), project('bus', {room: 'edge'})]);

  t.deepEqual(trespassers, ['packages/election: dependencies: a room:pure may not import @tacoplex/bus (room:edge)']);
});

test('no process imports another, and only tests use the test bench', t => {
  const trespassers = findTrespassers([
    project('elector', {room: 'process', uses: ['@tacoplex/taco'], testUses: ['@tacoplex/testkit']}),
    project('taco', {room: 'process', uses: ['@tacoplex/testkit']}),
    project('testkit', {room: 'test'}),
  ]);

  t.is(trespassers.length, 2);
});

test('a package that does not exist is told', t => {
  t.deepEqual(findTrespassers([project('election', {uses: ['@tacoplex/utils']})]), [
    'packages/election: dependencies: @tacoplex/utils is no package of this workspace',
  ]);
});

test('a pure room is compiled without the types of the world', t => {
  const files = writeTsconfigs([project('election', {}), project('bus', {room: 'edge', uses: ['@tacoplex/election']})]);

  t.false(files.get('packages/election/tsconfig.json')?.includes('"types"'));
  t.true(files.get('packages/bus/tsconfig.json')?.includes('"types"'));
  t.true(files.get('packages/bus/tsconfig.json')?.includes('"../../packages/election"'));
});

test('every package of this workspace keeps to its room', t => {
  t.deepEqual(findTrespassers(readProjects(resolve(import.meta.dirname, '../../../..'))), []);
});

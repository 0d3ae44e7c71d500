import test from 'ava';
import {arrange} from '../src/arrange.ts';
import {Misunderstanding} from '../src/refusals.ts';
import {verbs} from '../src/verbs.ts';

const cases: Readonly<Record<string, string>> = {
  status: 'status',
  'st --json': '--json status',
  'serve a s1 10.0.1.101': 'server add s1 10.0.1.101',
  'lev l --socket /x': '--socket /x leveler list',
  '--socket=/x --no-color t s --bins': '--socket=/x --no-color table show --bins',
  '-f taco.toml logs elector -f -n 3': '-f taco.toml logs elector -f -n 3',
  'logs elector --json -f': '--json logs elector -f',
  help: '--help',
  'help serve a': 'server add --help',
  'help server': 'server --help',
  '--json help lev': '--json leveler --help',
  'server --help': 'server --help',
  server: 'server',
  '': '',
  'a -V 10.0.1.200 80': 'adm -- -V 10.0.1.200 80',
  'adm -f taco.toml -s 10.0.1.101 --json': '--json -f taco.toml adm -- -s 10.0.1.101',
  adm: 'adm --',
  'adm --help': 'adm --help',
  'group add -- --json': 'group add -- --json',
};

for (const [typed, arranged] of Object.entries(cases)) {
  test(`taco ${typed} reads: taco ${arranged}`, t => {
    t.is(arrange(typed.split(' ').filter(Boolean), verbs).join(' '), arranged);
  });
}

const refused: Readonly<Record<string, string>> = {
  'ser a': 'command: ser could be server or service',
  s: 'command: s could be status or server or service',
  'server x': 'taco server: there is no x',
  frobnicate: 'command: there is no frobnicate',
};

for (const [typed, message] of Object.entries(refused)) {
  test(`taco ${typed} is not understood: ${message}`, t => {
    t.throws(() => arrange(typed.split(' '), verbs), {instanceOf: Misunderstanding, message});
  });
}

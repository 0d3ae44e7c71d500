import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {ConfigError} from '@tacoplex/errors';
import test from 'ava';
import fc from 'fast-check';
import {parseConfig, readConfig} from '../src/index.ts';

const example = readFileSync(new URL('../../../../examples/taco.toml', import.meta.url), 'utf8');

const fault = (text: string): string => {
  try {
    parseConfig(text, '/etc/tacoplex/taco.toml');
    return 'none';
  } catch (error) {
    return error instanceof ConfigError ? error.message : `not a ConfigError: ${String(error)}`;
  }
};

/** What every object and every list inherits: names, each with its value. Pollution changes it. */
const inherited = (): unknown[] =>
  [Object.prototype, Array.prototype].flatMap(all =>
    Reflect.ownKeys(all).flatMap(key => [key, Reflect.getOwnPropertyDescriptor(all, key)?.value]),
  );

const atFirst = inherited();

const isUnpolluted = (): boolean => {
  const now = inherited();
  return now.length === atFirst.length && now.every((part, index) => Object.is(part, atFirst[index]));
};

test('a file may begin with a byte order mark, and its faults are told as without one', t => {
  const folder = mkdtempSync(join(tmpdir(), 'taco-config-'));
  t.teardown(() => rmSync(folder, {recursive: true}));
  const file = join(folder, 'taco.toml');
  writeFileSync(file, `\uFEFF${example}`);

  t.deepEqual(readConfig(file), parseConfig(example, file));
  for (const [from, to] of [
    ['beat_ms = 50', 'beat_ms = 5'],
    ['[engine]', '[motor]'],
    ['[net_a] ', '[net_a '],
  ] as const) {
    const changed = example.replace(from, to);

    t.is(fault(`\uFEFF${changed}`), fault(changed));
  }
});

for (const [what, from, to, message] of [
  [
    'a key of a section',
    '[cluster]',
    '[cluster]\n__proto__ = 1',
    '5: cluster.__proto__: unknown key; known here: name,',
  ],
  ['a part of a key', '[cluster]', '__proto__.port = 1\n[cluster]', '4: __proto__: unknown key; known here: role,'],
  ['a quoted key', '[cluster]', '"__proto__".port = 1\n[cluster]', '4: __proto__: unknown key; known here: role,'],
  [
    'an escaped key',
    '[cluster]',
    '"\\u005f_proto__".port = 1\n[cluster]',
    '4: __proto__: unknown key; known here: role,',
  ],
  ['a section', '[engine]', '[__proto__]', '23: __proto__: unknown key; known here: role,'],
  ['a table of many', '[engine]', '[[__proto__]]', '23: __proto__: unknown key; known here: role,'],
  ['a part of a section', '[engine]', '[cluster.__proto__]', '23: cluster.__proto__: unknown key; known here: name,'],
  [
    'a key in braces',
    '"10.0.0.200"]',
    '{__proto__ = {port = 1}}]',
    '11: net_a.levips[0]: must be an IPv4 or IPv6 address',
  ],
] as const) {
  test(`__proto__ as ${what} is refused, and changes nothing but that`, t => {
    t.true(example.includes(from));

    t.true(fault(example.replace(from, to)).startsWith(`taco.toml:${message}`), fault(example.replace(from, to)));

    t.true(isUnpolluted());
  });
}

for (const [what, text] of [
  ['brackets', `${'['.repeat(5000)}${']'.repeat(5000)}`],
  ['brackets, beyond any stack,', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
  ['braces', `${'{a = '.repeat(5000)}1${'}'.repeat(5000)}`],
] as const) {
  test(`thousands of ${what} in each other are refused with their line`, t => {
    t.is(
      fault(example.replace('["10.0.0.200"]', text)),
      'taco.toml:11: brackets and braces must stand at most 32 deep in each other',
    );
  });
}

test('a fault before thousands of brackets is the one that is told', t => {
  const text = example.replace('dwell_s = 30', 'dwell_s = 9007199254740993');

  t.is(
    fault(`${text}x = ${'{a = '.repeat(5000)}1${'}'.repeat(5000)}`),
    'taco.toml:21: no TOML: integer value cannot be represented losslessly',
  );
});

test('words of a file are not taken for those of a parser', t => {
  t.is(
    fault(example.replace('dwell_s = 30', 'dwell_s = 0030 # excessively nested')),
    'taco.toml:21: no TOML: Leading zeros are not allowed',
  );
});

test('thousands of brackets that are never closed are refused', t => {
  t.is(
    fault(`${example}x = ${'['.repeat(5000)}`),
    'taco.toml:34: brackets and braces must stand at most 32 deep in each other',
  );
  t.regex(fault(`${example}${'['.repeat(5000)}`), /^taco\.toml:34: no TOML: /);
});

test('a key of very many parts is refused by its first one', t => {
  t.regex(fault(`${'a.'.repeat(50_000)}a = 1\n${example}`), /^taco\.toml:1: a: unknown key/);
});

test('a path with a character that no file name can have is refused', t => {
  const paths = (text: string) => `${example}\n[paths]\nrun = ${text}\n`;
  const path = 'run: must be an absolute path in quotes, beginning with /, without control characters';

  t.is(fault(paths('"/run/a\\u0000b"')), `taco.toml:36: paths.${path}`);
  t.is(fault(paths('"/run/a\\nb"')), `taco.toml:36: paths.${path}`);
  t.is(
    fault(example.replace('cluster.key', '\\u0000.key')),
    'taco.toml:6: cluster.key_file: must be an absolute path in quotes without control characters, or "credential:NAME" for what systemd hands over',
  );
  t.throws(() => readConfig('/etc/taco\0.toml'), {instanceOf: ConfigError, message: /: cannot be read: /});
});

test('however a file is mangled, it is good or one fault with its line, and nothing else changes', t => {
  const lines = example.split('\n');
  const odd = fc.oneof(
    fc.constantFrom('', '\uFEFF', '\0', '"', "'''", '[', ']', '[[', '{', '}', '=', '.', ',', '#', '\\u0000', '1e999'),
    fc.constantFrom('__proto__', 'constructor.prototype', '"__proto__"', 'toString = 1', '[__proto__]', '[[net_a]]'),
    fc.constantFrom('a.b.c = {d = [1, {e = 1979-05-27}]}', 'x = 9999-99-99', 'x = 9007199254740993', '\r', '\ud800'),
    fc.nat(2000).map(depth => `x = ${'['.repeat(depth)}${']'.repeat(depth)}`),
    fc.nat(2000).map(depth => `${'a.'.repeat(depth)}__proto__ = 1`),
    fc.string({unit: 'binary'}),
  );
  const whole = {line: fc.nat(lines.length - 1), to: fc.oneof(fc.constantFrom(...lines), odd)};
  const part = {line: fc.nat(lines.length - 1), at: fc.nat(60), length: fc.nat(3), to: odd};
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.record(whole), fc.record(part)), {minLength: 1, maxLength: 5}), changes => {
      const changed = [...lines];
      for (const change of changes) {
        const old = [...changed[change.line]!];
        const isPart = 'at' in change;
        changed[change.line] = isPart ? old.toSpliced(change.at, change.length, change.to).join('') : change.to;
      }

      const said = fault(changed.join('\n'));
      t.regex(said, /^(none$|taco\.toml:\d+: )/);
      t.true(isUnpolluted());
    }),
    {numRuns: 500},
  );
});

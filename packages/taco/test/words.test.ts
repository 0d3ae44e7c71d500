import test from 'ava';
import {parseAdmLetters} from '../src/adm-letters.ts';
import {formatDuration, formatSilence} from '../src/durations.ts';
import {parseAddress, parseAffinity, parseInterval, parsePort, parseService, parseWeight} from '../src/parse-words.ts';
import {formatProtocol, parseProtocol} from '../src/protocols.ts';
import {Misunderstanding} from '../src/refusals.ts';
import {escapeControls, formatCount, formatJson} from '../src/text.ts';

test('a service is read as it is written', t => {
  t.deepEqual(parseService('10.0.1.200:80'), {address: '10.0.1.200', protocol: 6, port: 80} as never);
  t.deepEqual(parseService('[fd00:b::200]:53/udp'), {address: 'fd00:b::200', protocol: 17, port: 53} as never);
  t.deepEqual(parseService('10.0.1.200'), {address: '10.0.1.200', protocol: 0, port: 0} as never);
});

test('an interval has a unit', t => {
  t.is(parseInterval('100ms'), 100);
  t.is(parseInterval('3600s'), 3_600_000);
});

const nonsense: Readonly<Record<string, () => unknown>> = {
  'the service 10.0.1.200:80/any': () => parseService('10.0.1.200:80/any'),
  'the service 10.0.1.200:99999': () => parseService('10.0.1.200:99999'),
  'the service web': () => parseService('web'),
  'the address 10.0.1': () => parseAddress('10.0.1'),
  'the weight -1': () => parseWeight('-1'),
  'the weight 1.5': () => parseWeight('1.5'),
  'the weight 1001': () => parseWeight('1001'),
  'the port 65536': () => parsePort('65536'),
  'the affinity cookie': () => parseAffinity('cookie'),
  'the interval 2': () => parseInterval('2'),
  'the interval 99ms': () => parseInterval('99ms'),
  'the interval 3601s': () => parseInterval('3601s'),
  'the letter -X': () => parseAdmLetters(['-X', '10.0.1.1']),
  'the letter -V without a port': () => parseAdmLetters(['-V', '10.0.1.200']),
  'the letter -S without an address': () => parseAdmLetters(['-S']),
  'the letter -S with two addresses': () => parseAdmLetters(['-S', '10.0.1.101', '10.0.1.102']),
};

for (const [title, parse] of Object.entries(nonsense)) {
  test(`${title} is not understood, and the answer says what would be`, t => {
    const error = t.throws(parse, {instanceOf: Misunderstanding});

    t.true((error as Misunderstanding).facts.advice.length > 10);
  });
}

test('the original contradicts itself about -S and -D: both add, and both small ones delete', t => {
  const address = '10.0.1.101';

  for (const letter of ['-S', '-D']) {
    t.deepEqual(parseAdmLetters([letter, address]), {kind: 'addServer', address} as never);
    t.deepEqual(parseAdmLetters([letter.toLowerCase(), address]), {kind: 'deleteServer', address} as never);
  }
});

test('the other letters of the original are read too', t => {
  t.deepEqual(parseAdmLetters([]), {kind: 'show'});
  t.deepEqual(parseAdmLetters(['-V', '10.0.1.200', '80']), {
    kind: 'addVirtual',
    address: '10.0.1.200',
    port: 80,
  } as never);
  t.is(parseAdmLetters(['-v', '10.0.1.200', '80']).kind, 'deleteVirtual');
  t.is(parseAdmLetters(['-L', '10.0.1.3']).kind, 'addLeveler');
  t.is(parseAdmLetters(['-l', '10.0.1.3']).kind, 'deleteLeveler');
});

test('a protocol reads back as it was printed', t => {
  for (let protocol = 0; protocol < 256; protocol++) {
    t.is(parseProtocol(formatProtocol(protocol)), protocol);
  }

  t.is(parseProtocol('256'), undefined);
  t.is(parseProtocol('carrier-pigeon'), undefined);
});

test('a time is told in the unit that fits it', t => {
  t.deepEqual([0, 12.4, 999, 1000, 9940, 10_000, 119_000, 120_000, 7_200_000, 172_800_000].map(formatDuration), [
    '0 ms',
    '12 ms',
    '999 ms',
    '1.0 s',
    '9.9 s',
    '10 s',
    '119 s',
    '2 min',
    '2 h',
    '2 d',
  ]);
  t.is(formatSilence(null), 'never');
});

test('a large number has its thousands set off', t => {
  t.deepEqual([0, 999, 1000, 65_536, 1_234_567_890].map(formatCount), ['0', '999', '1,000', '65,536', '1,234,567,890']);
  t.is(formatCount(null), '-');
});

test('what could steer a terminal is shown, not obeyed', t => {
  t.is(
    escapeControls('a\u001B[31m\r\nb\u0085\u202E\u2028 é 漢'),
    'a\\u{1b}[31m\\u{d}\\u{a}b\\u{85}\\u{202e}\\u{2028} é 漢',
  );
});

test('JSON has no character that could steer a terminal, and reads back the same', t => {
  const document = {name: '\u001B[2J\u007F\u009B\u202E\u2028\u{E0001}é'};

  const text = formatJson(document, 0);

  t.regex(text, /^[\u0020-\u007Eé]*$/);
  t.deepEqual(JSON.parse(text), document);
});

import test from 'ava';
import {createLog} from '../src/index.ts';

const written = (least: 'debug' | 'warn', say: (log: ReturnType<typeof createLog>) => void): string[] => {
  const lines: string[] = [];
  say(createLog('elector', least, line => lines.push(line)));
  return lines;
};

test('a line names the process, the level, the event and its fields', t => {
  t.deepEqual(
    written('debug', log => log.notice('role changed', {role: 'leader', term: 7})),
    ['elector: notice: role changed role=leader term=7'],
  );
});

test('what is less urgent than asked for is not written', t => {
  const lines = written('warn', log => {
    log.info('joined');
    log.warn('message dropped');
    log.fatal('cannot go on');
  });

  t.deepEqual(lines, ['elector: warn: message dropped', 'elector: fatal: cannot go on']);
});

test('a value cannot break its line or pose as another field', t => {
  const [line] = written('debug', log => log.warn('heard', {name: 'a b=c\n"x"\u001b[31m', empty: ''}));

  t.is(line, 'elector: warn: heard name="a b=c\\n\\"x\\"\\u001b[31m" empty=""');
});

test('a value of any length makes a line of bounded length', t => {
  const [line = ''] = written('debug', log => log.warn('heard', {name: 'x'.repeat(8_000_000)}));

  t.true(line.endsWith('x…'));
  t.true(line.length < 2100);
});

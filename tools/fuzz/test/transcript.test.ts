import test from 'ava';
import {writeTranscript} from '../src/transcript.ts';

test('a transcript shows the frame and both answers, and marks where they differ', t => {
  const answer = {
    action: 'pass',
    reason: 'no-service',
    service: -1,
    group: -1,
    bin: -1,
    hash: '0',
    server: 0,
    frame: '0a0b',
  };

  t.is(
    writeTranscript({
      sent: `${'00'.repeat(16)}ff`,
      reference: answer,
      program: {...answer, reason: 'not-ip', frame: '0a0c'},
    }),
    `frame of 17 bytes:
  0000  00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
  0010  ff

           TypeScript               kernel
  action   pass                     pass
* reason   no-service               not-ip
  service  -1                       -1
  group    -1                       -1
  bin      -1                       -1
  hash     0                        0
  server   0                        0
* frame afterwards, TypeScript:
  0000  0a 0b
* kernel:
  0000  0a 0c
`,
  );
});

import {once} from 'node:events';
import {WorldError} from '@tacoplex/errors';
import {exitCode, start} from './run.ts';

/** A tcpdump that records. */
export type Capture = {
  readonly file: string;
  /** End the recording; the file is whole once this resolves. */
  readonly stop: () => Promise<void>;
};

/** Record an interface into a file, from the network namespace that `into` leads to. */
export async function startCapture(into: readonly string[], interfaceName: string, file: string): Promise<Capture> {
  const argv = ['tcpdump', '-n', '-U', '-Z', 'root', '--immediate-mode', '-i', interfaceName, '-w', file];
  const child = start([...into, ...argv], {stdio: ['ignore', 'ignore', 'pipe']});
  const ended = exitCode(child);
  ended.catch(() => {});
  const said = await firstWords(child.stderr, 'listening on');
  if (said !== undefined) {
    throw new WorldError(`tcpdump on ${interfaceName}: ${said}`, {code: 'COMMAND_FAILED', command: argv.join(' ')});
  }

  return {
    file,
    async stop() {
      child.kill('SIGINT');
      await ended;
    },
  };
}

/** Read until the words come: then undefined; else everything that was said instead. */
async function firstWords(stream: NodeJS.ReadableStream | null, words: string): Promise<string | undefined> {
  let text = '';
  stream?.on('data', (chunk: Buffer) => {
    text += chunk.toString('utf8');
  });
  while (stream !== null && !text.includes(words)) {
    const [event] = await Promise.race([once(stream, 'data'), once(stream, 'end').then(() => ['end'])]);
    if (event === 'end') {
      return text.trim();
    }
  }

  return undefined;
}

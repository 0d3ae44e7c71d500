import {spawn} from 'node:child_process';
import {existsSync} from 'node:fs';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import {expandWord} from './arrange.ts';
import {followLines, readLastLines} from './log-file.ts';
import {Misunderstanding, Refusal} from './refusals.ts';
import {escapeControls, formatJson} from './text.ts';
import type {Given, World} from './verb.ts';

/** Every process that has a log on a leveler. */
export const loggingProcesses = ['elector', 'frame-forwarder', 'arp-announcer', 'admin-broker'] as const;

const defaultFolder = '/var/log/tacoplex';

type Wanted = {readonly process: string; readonly lines: number; readonly follow: boolean};

/** `taco logs`: from the file that the supervisor writes, else from the journal. */
export async function showLogs(world: World, {operands: [word = ''], options}: Given): Promise<undefined> {
  const wanted = {
    process: expandWord(word, loggingProcesses, 'process'),
    lines: parseLines(options.lines),
    follow: options.follow === true,
  };
  const file = join(await logFolder(world.configFile), `${wanted.process}.log`);
  const writeLine = (line: string): void =>
    world.writeLine(world.isJson ? formatJson({process: wanted.process, line}, 0) : escapeLine(line));
  await (existsSync(file) ? readFile(file, wanted, writeLine) : readJournal(file, wanted, writeLine));
  return undefined;
}

function parseLines(word: string | boolean | undefined): number {
  const text = word === undefined ? '50' : String(word);
  if (!/^\d{1,9}$/.test(text)) {
    throw new Misunderstanding(`${text} is no number of lines`, 'taco logs elector -n 200');
  }

  return Number(text);
}

/** Only a file that was named must be there and be right. */
async function logFolder(configFile: string | undefined): Promise<string> {
  const {readConfig} = await import('@tacoplex/config');
  try {
    return readConfig(configFile ?? '/etc/tacoplex/taco.toml').paths.log;
  } catch (error) {
    if (configFile === undefined) {
      return defaultFolder;
    }

    throw error;
  }
}

async function readFile(file: string, {lines, follow}: Wanted, writeLine: (line: string) => void): Promise<void> {
  try {
    await (follow
      ? followLines(file, lines, writeLine, new AbortController().signal) // Until interrupted
      : readLastLines(file, lines, writeLine));
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException;
    if (code === 'EACCES') {
      throw new Refusal(`${file} may not be read`, 'join the group tacoplex and log in again, or use sudo taco …', {
        cause: error,
      });
    }

    throw error;
  }
}

async function readJournal(
  file: string,
  {process: name, lines, follow}: Wanted,
  writeLine: (line: string) => void,
): Promise<void> {
  const words = ['-u', `tacoplex-${name}`, '-n', String(lines), '--no-pager', '-q', ...(follow ? ['-f'] : [])];
  const journal = spawn('journalctl', words, {stdio: ['ignore', 'pipe', 'inherit']});
  let count = 0;
  createInterface({input: journal.stdout}).on('line', line => {
    count++;
    writeLine(line);
  });
  const found = await new Promise<boolean>(resolve => {
    journal.on('error', () => resolve(false));
    journal.on('close', code => resolve(code === 0 && count > 0));
  });
  if (!found) {
    throw new Refusal(
      `${name} has no log: there is no ${file}, and the journal has nothing of tacoplex-${name}`,
      'taco -f FILE logs … reads another config file; taco status tells whether the process runs',
    );
  }
}

function escapeLine(line: string): string {
  return line.split('\t').map(escapeControls).join('\t');
}

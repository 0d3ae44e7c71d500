import {readFileSync} from 'node:fs';
import {setTimeout as pause} from 'node:timers/promises';
import {ConfigError} from '@tacoplex/errors';
import {CommanderError} from 'commander';
import type {Admin} from './admin.ts';
import {arrange} from './arrange.ts';
import {buildProgram, type TacoOptions} from './program.ts';
import {Misunderstanding, Refusal} from './refusals.ts';
import type {Given, Verb, World} from './verb.ts';
import {verbs} from './verbs.ts';

/** Where taco prints, and what it is told besides its words. */
export type Surroundings = {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly isTerminal: boolean;
  /** Columns of the terminal; undefined: not known, or none. */
  readonly columns?: number | undefined;
  /** Reads one line after a question; undefined: there is no terminal to ask on. */
  readonly readLine?: ((question: string) => Promise<string>) | undefined;
  readonly writeOut: (text: string) => void;
  readonly writeError: (text: string) => void;
  /** From its first call on, whoever wants taco to end aborts this. */
  readonly stopSignal: () => AbortSignal;
};

type ExitCode = 0 | 1 | 2;

const defaultSocket = '/run/tacoplex/admin-broker.sock';

/** One command, from its words to its exit code. Errors of ours are thrown: let the stack speak. */
export async function runTaco(words: readonly string[], given: Surroundings): Promise<ExitCode> {
  let hasWritten = false;
  const writeOut = (text: string): void => {
    hasWritten = true;
    given.writeOut(text);
  };
  const surroundings = {...given, writeOut};
  const {writeError} = given;
  let exit: ExitCode = 0;
  const run = async (verb: Verb, given: Given, options: TacoOptions): Promise<void> => {
    exit = await runVerb(verb, given, options, surroundings);
  };
  try {
    const program = buildProgram({verbs, software: softwareVersion(), run, writeOut, writeError});
    await program.parseAsync(arrange(words, verbs), {from: 'user'});
    return exit;
  } catch (error) {
    return await tell(error, words.includes('--json') ? (hasWritten ? 0 : 2) : undefined, surroundings);
  }
}

async function runVerb(verb: Verb, given: Given, options: TacoOptions, surroundings: Surroundings): Promise<ExitCode> {
  const {environment, isTerminal, columns, readLine, writeOut, writeError, stopSignal} = surroundings;
  const {colouredStyle, escapeControls, formatJson, plainStyle} = await import('./text.ts');
  const opened = new Set<Admin>();
  const configFile = options.file ?? environment.TACOPLEX_CONFIG;
  const isJson = options.json === true;
  const hasColour = isTerminal && options.color && !environment.NO_COLOR;
  const style = {...(hasColour ? colouredStyle : plainStyle), width: isTerminal ? columns : undefined};
  const format: World['format'] = ({document, print}, jsonIndent) =>
    isJson ? formatJson(document, jsonIndent) : print(style);
  const world: World = {
    async admin() {
      const {openAdmin} = await import('./admin.ts');
      const admin = await openAdmin(await socketOf(options, environment, configFile));
      opened.add(admin);
      return {
        ...admin,
        async close() {
          opened.delete(admin);
          await admin.close();
        },
      };
    },
    configFile,
    isJson,
    isTerminal,
    format,
    complain: async refusal => {
      await tell(refusal, isJson ? 0 : undefined, surroundings);
    },
    stopSignal,
    writeLine: line => writeOut(`${line}\n`),
    writeNote: line => writeError(`taco: ${escapeControls(line)}\n`),
    ask: readLine && (async question => /^y(es)?$/i.test((await readLine(question)).trim())),
    pause: async ms => pause(ms),
    unixSeconds: () => Date.now() / 1000,
    software: softwareVersion(),
  };
  try {
    const shown = await verb.run(world, given);
    if (shown !== undefined && 'document' in shown) {
      writeOut(`${format(shown)}\n`);
    }

    return shown?.exit ?? 0;
  } finally {
    await Promise.all([...opened].map(async admin => admin.close()));
  }
}

/** What was said on the command line goes before the environment, and that before the default. */
async function socketOf(
  {socket, file}: TacoOptions,
  environment: Surroundings['environment'],
  configFile: string | undefined,
): Promise<string> {
  const said = socket ?? (file === undefined ? environment.TACOPLEX_SOCKET : undefined);
  if (said !== undefined) {
    return said;
  }

  return configFile === undefined ? defaultSocket : (await import('@tacoplex/config')).readConfig(configFile).paths.run;
}

/**
 * Say what is wrong, and what to type next.
 *
 * @param jsonIndent of the document that says it, 0 among documents of one line each; undefined: none is wanted
 */
async function tell(
  error: unknown,
  jsonIndent: number | undefined,
  {writeOut, writeError}: Surroundings,
): Promise<ExitCode> {
  const told = explain(error);
  if (told === undefined) {
    throw error;
  }

  const {exit, what, advice} = told;
  if (what !== '') {
    const {escapeControls, formatJson} = await import('./text.ts');
    writeError(`taco: ${escapeControls(what)}\n${advice === '' ? '' : `  ${escapeControls(advice)}\n`}`);
    if (jsonIndent !== undefined) {
      writeOut(`${formatJson({error: {exit, what, advice}}, jsonIndent)}\n`);
    }
  }

  return exit;
}

type Told = {readonly exit: ExitCode; readonly what: string; readonly advice: string};

function explain(error: unknown): Told | undefined {
  if (error instanceof Refusal) {
    return {exit: 1, what: error.message, advice: error.facts.advice};
  }

  if (error instanceof Misunderstanding) {
    return {exit: 2, what: error.message, advice: error.facts.advice};
  }

  if (error instanceof ConfigError) {
    return {exit: 2, what: error.message, advice: ''};
  }

  return error instanceof CommanderError ? explainParser(error) : undefined;
}

function explainParser({code, exitCode, message}: CommanderError): Told {
  if (exitCode === 0) {
    return {exit: 0, what: '', advice: ''}; // Help or version was asked for
  }

  return code === 'commander.help'
    ? {exit: 2, what: '', advice: ''} // Help was printed for want of a verb
    : {
        exit: 2,
        what: message.replace(/^error: /, '').replaceAll('\n', ' '),
        advice: 'taco help explains; so does --help behind any command',
      };
}

function softwareVersion(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as {version: string}).version;
}

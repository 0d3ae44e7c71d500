import {Command} from 'commander';
import type {Given, Verb} from './verb.ts';

/** Taco's own options, as they were given. */
export type TacoOptions = {
  readonly json?: boolean;
  readonly socket?: string;
  readonly file?: string;
  readonly color: boolean;
};

export type ProgramParts = {
  readonly verbs: readonly Verb[];
  readonly software: string;
  readonly run: (verb: Verb, given: Given, options: TacoOptions) => Promise<void>;
  readonly writeOut: (text: string) => void;
  readonly writeError: (text: string) => void;
};

const nouns: Readonly<Record<string, string>> = {
  leveler: 'the front machines',
  key: 'the secrets that the levelers share',
  server: 'the back machines',
  service: 'what clients ask for',
  group: 'servers that share services and a bin table',
  table: 'which server has which bins',
  completion: 'words completed by the shell',
};

/**
 * The parser of taco's command line, made of the table of verbs. Words must have been arranged before.
 *
 * It throws CommanderError where commander would exit: `commander.helpDisplayed` and `commander.version` when it has
 * printed what was asked for, `commander.help` when help was printed instead of doing something, else what is wrong.
 */
export function buildProgram({verbs, software, run, writeOut, writeError}: ProgramParts): Command {
  const program = new Command('taco')
    .exitOverride()
    .configureOutput({writeOut, writeErr: writeError, outputError: () => {}}) // Whoever catches it says it once
    .configureHelp({showGlobalOptions: true})
    .description('Show and change a TacoPleX cluster from any of its levelers. Words may be shortened: taco lev l')
    .version(`taco ${software}`, '--version', 'print the version of taco')
    .helpOption('-h, --help', 'explain a command, with examples')
    .helpCommand('help [command...]', 'explain a command, with examples')
    .option('--json', 'print one JSON document; its schema is in docs/schema')
    .option('--socket <path>', 'socket of the admin-broker (default: $TACOPLEX_SOCKET, else as the config file has it)')
    .option('-f, --file <file>', 'config file, for its paths; stands before the command (default: $TACOPLEX_CONFIG)')
    .option('--no-color', 'no colours, not even on a terminal')
    .enablePositionalOptions()
    .addHelpText('after', '\nExit status: 0 done, 1 refused or unreachable, 2 not understood.');
  const parents = new Map<string, Command>();
  for (const verb of verbs) {
    const parent = verb.verb === undefined ? program : (parents.get(verb.noun) ?? addNoun(program, verb.noun));
    parents.set(verb.noun, parent);
    addVerb(parent, verb, async given => run(verb, given, program.opts()));
  }

  return program;
}

function addNoun(program: Command, noun: string): Command {
  return program
    .command(noun)
    .description(nouns[noun] ?? '')
    .helpCommand(false);
}

function addVerb(parent: Command, verb: Verb, run: (given: Given) => Promise<void>): void {
  const command = parent
    .command(verb.verb ?? verb.noun)
    .description(verb.help)
    .addHelpText('after', `\nExamples:\n${verb.examples.map(example => `  ${example}`).join('\n')}`);
  for (const operand of verb.operands ?? []) {
    command.argument(operand);
  }

  for (const {flags, help} of verb.options ?? []) {
    command.option(flags, help);
  }

  command.action(async () => run({operands: command.args, options: command.opts()}));
}

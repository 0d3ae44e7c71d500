import {readFileSync} from 'node:fs';
import {parseArgs} from 'node:util';
import {ConfigError} from '@tacoplex/errors';

export const defaultConfigFile = '/etc/tacoplex/taco.toml';

/** What every process understands on its command line. */
export type Options = {
  readonly file: string;
  readonly check: boolean;
  readonly verbose: boolean;
  readonly help: boolean;
  readonly version: boolean;
};

/** @throws ConfigError USAGE */
export function readOptions(process: string, words: readonly string[]): Options {
  try {
    const {values} = parseArgs({
      args: [...words],
      options: {
        file: {type: 'string', short: 'f', default: defaultConfigFile},
        check: {type: 'boolean', short: 'n', default: false},
        verbose: {type: 'boolean', short: 'v', default: false},
        help: {type: 'boolean', short: 'h', default: false},
        version: {type: 'boolean', default: false},
      },
    });
    return values;
  } catch (error) {
    throw new ConfigError(
      `${(error as Error).message.split('.')[0]}; see ${process} --help`,
      {code: 'USAGE'},
      {cause: error},
    );
  }
}

const optionsHelp = `
options:
  -f, --file FILE   config file (default ${defaultConfigFile})
  -n, --check       check the config and this machine, start nothing
  -v, --verbose     log every detail
  -h, --help        this text
      --version     version of the software
`;

/** The head comment of a process's main file, which is its manual page, and the options all processes share. */
export function manualOf(mainFile: URL): string {
  const [, comment = ''] = /\/\*\*\n([\s\S]*?)\n \*\//.exec(readFileSync(mainFile, 'utf8')) ?? [];
  return `${comment.replaceAll(/^ \* ?/gm, '')}\n${optionsHelp}`;
}

/** Version of the software: all its packages share one. */
export function softwareVersion(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as {version: string}).version;
}

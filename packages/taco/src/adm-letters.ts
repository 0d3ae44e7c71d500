import type {IpAddress} from '@tacoplex/vocabulary';
import {parseAddress, parsePort} from './parse-words.ts';
import {Misunderstanding} from './refusals.ts';

/** What one line of the original's letters asks for. */
export type AdmWish =
  | {readonly kind: 'show'}
  | {readonly kind: 'addVirtual' | 'deleteVirtual'; readonly address: IpAddress; readonly port: number}
  | {readonly kind: 'addServer' | 'deleteServer' | 'addLeveler' | 'deleteLeveler'; readonly address: IpAddress};

const meanings = {
  '-V': 'addVirtual',
  '-v': 'deleteVirtual',
  '-S': 'addServer',
  '-D': 'addServer',
  '-s': 'deleteServer',
  '-d': 'deleteServer',
  '-L': 'addLeveler',
  '-l': 'deleteLeveler',
} as const;

const usage = 'taco adm [-f FILE] [-V|-v ADDRESS PORT] [-S|-D|-s|-d|-L|-l ADDRESS]';

/**
 * Read the letters of tacoplexadm. Its manual has `-S`/`-s` for servers in the usage line and `-D`/`-d` in the list of
 * commands: both are taken, the capital adds and the small one deletes.
 *
 * @param words without `-f FILE`
 * @throws Misunderstanding
 */
export function parseAdmLetters(words: readonly string[]): AdmWish {
  const [letter, addressWord, portWord] = words;
  if (letter === undefined) {
    return {kind: 'show'};
  }

  const kind = meanings[letter as keyof typeof meanings] as (typeof meanings)[keyof typeof meanings] | undefined;
  if (kind === undefined) {
    throw new Misunderstanding(`${letter} is none of the original's letters`, usage);
  }

  const isVirtual = kind === 'addVirtual' || kind === 'deleteVirtual';
  if (words.length !== (isVirtual ? 3 : 2)) {
    throw new Misunderstanding(`${letter} is followed by ${isVirtual ? 'an address and a port' : 'an address'}`, usage);
  }

  const address = parseAddress(addressWord ?? '');
  return isVirtual ? {kind, address, port: parsePort(portWord ?? '')} : {kind, address};
}

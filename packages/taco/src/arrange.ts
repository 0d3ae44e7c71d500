import {Misunderstanding} from './refusals.ts';
import type {Verb} from './verb.ts';

/** Options that every command takes, and whether a value follows. They may stand anywhere. */
const everywhere: Readonly<Record<string, boolean>> = {'--json': false, '--no-color': false, '--socket': true};
/** Options that stand before the noun: behind it `-f` means something else. */
const before: Readonly<Record<string, boolean>> = {...everywhere, '-f': true, '--file': true};

/**
 * Bring a command line into the one order that the parser knows: options of taco, noun, verb, the rest. Shortened
 * nouns and verbs are written out; `help server add` becomes `server add --help`.
 *
 * @param words what follows `taco`
 * @throws Misunderstanding if a short word begins several others, or nothing
 */
export function arrange(words: readonly string[], verbs: readonly Verb[]): string[] {
  const [leading, rest] = splitLeading(words);
  const [hoisted, kept] = hoist(rest);
  const [nounWord, ...behind] = kept;
  const options = [...leading, ...hoisted];
  if (nounWord === undefined || nounWord.startsWith('-')) {
    return [...options, ...kept];
  }

  const noun = expandWord(nounWord, [...new Set(verbs.map(verb => verb.noun)), 'help'], 'command');
  if (noun === 'help') {
    const asked = arrange(behind, verbs);
    return asked[0] === '--help' ? [...options, ...asked] : [...options, ...asked, '--help'];
  }

  return noun === 'adm' ? arrangeAdm(options, behind) : [...options, noun, ...arrangeVerb(noun, behind, verbs)];
}

function arrangeVerb(noun: string, words: readonly string[], verbs: readonly Verb[]): string[] {
  const known = verbs.flatMap(verb => (verb.noun === noun && verb.verb !== undefined ? [verb.verb] : []));
  const [word, ...rest] = words;
  return known.length === 0 || word === undefined || word.startsWith('-')
    ? [...words]
    : [expandWord(word, known, `taco ${noun}`), ...rest];
}

/** The original took `-f file` behind its name; its other letters are no options to the parser. */
function arrangeAdm(options: readonly string[], words: readonly string[]): string[] {
  const [first = '', file, ...rest] = words;
  if (first === '-f' && file !== undefined) {
    return arrangeAdm([...options, '-f', file], rest);
  }

  return [...options, 'adm', ...(first === '-h' || first === '--help' ? ['--help'] : ['--', ...words])];
}

/**
 * The one of `known` that `word` is, or begins.
 *
 * @param what what the words are, for people
 * @throws Misunderstanding
 */
export function expandWord(word: string, known: readonly string[], what: string): string {
  const matches = known.includes(word) ? [word] : known.filter(candidate => word !== '' && candidate.startsWith(word));
  const [match] = matches;
  if (match !== undefined && matches.length === 1) {
    return match;
  }

  throw match === undefined
    ? new Misunderstanding(
        `${what}: there is no ${word === '' ? 'empty word' : word}`,
        `use one of: ${known.join(', ')}`,
      )
    : new Misunderstanding(`${what}: ${word} could be ${matches.join(' or ')}`, 'write a letter or two more');
}

/** The options at the front, with their values. */
function splitLeading(words: readonly string[]): [leading: string[], rest: string[]] {
  let at = 0;
  while (at < words.length) {
    const takesValue = before[words[at] ?? ''];
    if (takesValue === undefined && !isWithValue(words[at] ?? '')) {
      break;
    }

    at += takesValue ? 2 : 1;
  }

  return [words.slice(0, at), words.slice(at)];
}

/** The options that may stand anywhere, up to `--`. */
function hoist(words: readonly string[]): [hoisted: string[], kept: string[]] {
  const end = words.includes('--') ? words.indexOf('--') : words.length;
  const [hoisted, kept]: [string[], string[]] = [[], []];
  for (let at = 0; at < end; at++) {
    const word = words[at] ?? '';
    const takesValue = everywhere[word];
    if (takesValue === undefined) {
      (word.startsWith('--socket=') ? hoisted : kept).push(word);
    } else {
      hoisted.push(...words.slice(at, takesValue ? at + 2 : at + 1));
      at += takesValue ? 1 : 0;
    }
  }

  return [hoisted, [...kept, ...words.slice(end)]];
}

function isWithValue(word: string): boolean {
  return /^--(socket|file)=/.test(word) || /^-f./.test(word);
}

import type {Verb} from './verb.ts';

/** A script for bash that completes nouns and verbs, options behind a dash, and files. */
export function bashCompletion(verbs: readonly Verb[]): string {
  const nouns = [...new Set(verbs.map(({noun}) => noun))];
  const cases = nouns
    .map(noun => ({
      noun,
      words: verbs.flatMap(({noun: other, verb}) => (other === noun && verb !== undefined ? [verb] : [])),
    }))
    .filter(({words}) => words.length > 0)
    .map(({noun, words}) => `    ${noun}) words='${words.join(' ')}' ;;`);
  const flags = verbs.map(verb => `    '${pattern(verb)}') words='${flagsOf(verb).join(' ')}' ;;`);
  return `_taco() {
  local words='' word="\${COMP_WORDS[COMP_CWORD]}"
  [ "$COMP_CWORD" -eq 1 ] && words='${[...nouns, 'help'].join(' ')}'
  [ "$COMP_CWORD" -eq 2 ] && case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
  esac
  [[ "$word" == -* ]] && case "\${COMP_WORDS[1]} \${COMP_WORDS[2]}" in
${flags.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _taco taco`;
}

/** The first two words of a command line of that verb, between single quotes, which a star must stand outside of. */
function pattern({noun, verb}: Verb): string {
  return verb === undefined ? `${noun} '*'` : `${noun} ${verb}`;
}

function flagsOf({options}: Verb): string[] {
  return [...(options ?? []).flatMap(({flags}) => flags.match(/--[a-z-]+/) ?? []), '--json', '--help'];
}

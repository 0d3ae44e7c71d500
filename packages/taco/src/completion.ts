import type {Verb} from './verb.ts';

/** A script for bash that completes nouns and verbs, and files after them. */
export function bashCompletion(verbs: readonly Verb[]): string {
  const nouns = [...new Set(verbs.map(({noun}) => noun))];
  const cases = nouns
    .map(noun => ({
      noun,
      words: verbs.flatMap(({noun: other, verb}) => (other === noun && verb !== undefined ? [verb] : [])),
    }))
    .filter(({words}) => words.length > 0)
    .map(({noun, words}) => `    ${noun}) words='${words.join(' ')}' ;;`);
  return `_taco() {
  local words=''
  [ "$COMP_CWORD" -eq 1 ] && words='${[...nouns, 'help'].join(' ')}'
  [ "$COMP_CWORD" -eq 2 ] && case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _taco taco`;
}

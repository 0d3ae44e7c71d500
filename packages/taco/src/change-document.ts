import type {Answer} from '@tacoplex/messages';
import {joinNames} from './join-names.ts';
import type {ChangeDocument} from './schemas.ts';
import {formatPlainVersion, type StatusAnswered} from './status-document.ts';
import {escapeControls, type Style} from './text.ts';

type CommandAnswered = NonNullable<Answer<'admin.ask'>['command']>;

/** @param status what the broker said afterwards: the levelers' names */
export function describeChange(answer: CommandAnswered, status: StatusAnswered): ChangeDocument {
  const names = new Map([
    ...(status.state?.members ?? []).map(({id, name}) => [id, name] as const),
    ...(status.view?.peers ?? []).map(({id, name}) => [id, name] as const),
  ]);
  const nameOf = (id: number): string => names.get(id) || `leveler number ${id}`;
  return {
    changes: [...answer.changes],
    version: formatPlainVersion(answer.version),
    members: answer.applied.length + answer.missing.length,
    committedBy: answer.kept.map(nameOf),
    applied: answer.applied.map(nameOf),
    missing: answer.missing.map(nameOf),
    fenced: answer.fenced.map(nameOf),
    everywhere: answer.missing.every(id => answer.fenced.includes(id)),
  };
}

/** What changed; the version that has it, who has it and who applies it; who does not, and what that means. */
export function printChange(document: ChangeDocument, style: Style): string {
  const changes = document.changes.length === 0 ? ['nothing to change'] : document.changes;
  return [...changes, ...reachWords(document)]
    .map((line, index) => (index < changes.length ? escapeControls(line) : style.dim(escapeControls(line))))
    .join('\n');
}

function reachWords({version, members, committedBy, applied, missing, fenced, everywhere}: ChangeDocument): string[] {
  if (version === null) {
    return [];
  }

  const lagging = missing.filter(name => !fenced.includes(name));
  const committed = `version ${version} on ${applied.join(', ') || 'no leveler yet'}: committed by ${committedBy.length} of ${members}`;
  return [
    missing.length === 0 ? `${committed}, everywhere` : committed,
    ...(fenced.length === 0
      ? []
      : [
          `${everywhere ? 'everywhere: ' : ''}${didNotAnswer(fenced)}; ${fenced.length === 1 ? 'it catches' : 'they catch'} up on return`,
        ]),
    ...(lagging.length === 0
      ? []
      : [
          `not everywhere yet: ${joinNames(lagging)} ${lagging.length === 1 ? 'does' : 'do'} not follow it; see: taco verify`,
        ]),
  ];
}

function didNotAnswer(names: readonly string[]): string {
  return `${joinNames(names)} did not answer and ${names.length === 1 ? 'is' : 'are'} fenced`;
}

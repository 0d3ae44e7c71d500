import type {Answer} from '@tacoplex/messages';
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
    applied: answer.applied.map(nameOf),
    missing: answer.missing.map(nameOf),
  };
}

/** What changed; the version that has it and who applies it; who does not yet. */
export function printChange({changes, version, applied, missing}: ChangeDocument, style: Style): string {
  return [
    ...changes,
    ...(version === null ? [] : [`version ${version} on ${applied.join(', ') || 'no leveler yet'}`]),
    ...(missing.length === 0 ? [] : [`not heard: ${missing.join(', ')}; will catch up on return`]),
  ]
    .map((line, index) => (index < changes.length ? escapeControls(line) : style.dim(escapeControls(line))))
    .join('\n');
}

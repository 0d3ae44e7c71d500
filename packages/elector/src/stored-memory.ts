import type {Memory} from '@tacoplex/election';
import type {LevelerId, Version} from '@tacoplex/vocabulary';

/** A leveler's memory, and whose it is. */
export type StoredMemory = Memory & {readonly form: 1; readonly cluster: string; readonly leveler: LevelerId};

/** @returns undefined if it is of another form */
export function parseMemory(line: string): StoredMemory | undefined {
  const stored = parseJson(line) as Partial<StoredMemory> | undefined;
  if (stored?.form !== 1 || !isCount(stored.term) || typeof stored.cluster !== 'string' || !isCount(stored.leveler)) {
    return undefined;
  }

  const {votedFor, committed} = stored;
  if ((votedFor !== undefined && !isCount(votedFor)) || (committed !== undefined && !isVersion(committed))) {
    return undefined;
  }

  const {form, cluster, leveler, term, sound} = stored;
  return {form, cluster, leveler, term, votedFor, committed, sound: sound !== false}; // Former software did not say it
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined; // Not ours, then
  }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isVersion(value: Partial<Version>): value is Version {
  return (
    isCount(value.term) && isCount(value.leader) && isCount(value.index) && /^[0-9a-f]{16}$/.test(value.nonce ?? '')
  );
}

import {printChange} from './change-document.ts';
import type {ChangeDocument, KeysDocument} from './schemas.ts';
import {describeStatus, keyIdOf, type StatusAnswered} from './status-document.ts';
import {type Cell, escapeControls, formatTable, type Style} from './text.ts';

type KeyDocument = KeysDocument['keys'][number];
type LevelerKeys = KeysDocument['levelers'][number];

/** In the order of their numbers on the wire. */
const stages = ['current', 'next', 'previous'] as const;

/** The keys of the cluster, and which leveler has which. Before the first rotation the state names none. */
export function describeKeys(status: StatusAnswered): KeysDocument {
  const levelers = describeLevelers(status);
  const self = levelers.find(({name}) => name === selfName(status));
  const named = status.state?.keys ?? [];
  const keys: KeyDocument[] = named.map(({fingerprint, stage}) =>
    withLevelers(keyIdOf(fingerprint), stages[stage] ?? 'current', levelers),
  );
  const alone = self?.sends ? [withLevelers(self.sends, 'current', levelers)] : [];
  const bare = {
    rotation: status.state?.keyRotation ?? 0,
    mode: describeStatus(status).securityMode,
    keys: keys.length > 0 ? keys : alone,
    levelers,
  };
  return {...bare, advice: adviseOn(bare)};
}

function selfName({view}: StatusAnswered): string | undefined {
  return view?.peers.find(({id}) => id === view.self)?.name;
}

function describeLevelers({view}: StatusAnswered): LevelerKeys[] {
  return (view?.peers ?? []).map(({name, member, live, keysAccepted, keySent}) => ({
    name,
    member,
    live,
    sends: keySent.length === 0 ? null : keyIdOf(keySent),
    accepts: keysAccepted.map(keyIdOf),
  }));
}

function withLevelers(id: string, stage: KeyDocument['stage'], levelers: readonly LevelerKeys[]): KeyDocument {
  const members = levelers.filter(({member}) => member);
  const has = ({live, accepts}: LevelerKeys): boolean => live && accepts.includes(id);
  return {
    id,
    stage,
    on: members.filter(has).map(({name}) => name),
    notOn: members.filter(one => one.live && !has(one)).map(({name}) => name),
    notHeard: members.filter(({live}) => !live).map(({name}) => name),
  };
}

/** What to type next in a rotation. */
function adviseOn({rotation, keys, levelers}: Omit<KeysDocument, 'advice'>): string {
  const [current, other] = keys;
  const lagging = keys.flatMap(({notOn}) => notOn);
  const senders = levelers.filter(({member, live, sends}) => member && live && sends !== current?.id);
  if (current === undefined) {
    return 'no keys are known: is the elector running? see: taco status';
  }

  if (lagging.length > 0) {
    return `wait for ${[...new Set(lagging)].join(', ')}; if that lasts, there: taco logs elector`;
  }

  if (other?.stage === 'next') {
    return 'every leveler that is heard has the next key; go on with: taco key activate';
  }

  if (senders.length > 0) {
    return `wait for ${senders.map(({name}) => name).join(', ')} to send with ${current.id}`;
  }

  const laden = levelers.filter(({member, live, accepts}) => member && live && accepts.length > 1);
  if (rotation === 0 && laden.length > 0) {
    const accept = `accept${laden.length === 1 ? 's' : ''} keys of an earlier cluster too`;
    return `${laden.map(({name}) => name).join(', ')} ${accept}; give them up with: taco key retire`;
  }

  return other === undefined
    ? 'to change the key: taco key add'
    : 'every leveler that is heard sends with the current key; end with: taco key retire';
}

export function printKeys({keys, mode, advice}: KeysDocument, style: Style): string {
  const rows = keys.map(({id, stage, on, notOn, notHeard}): Cell[] => [
    id,
    {text: stage, paint: stage === 'current' ? style.good : style.bold},
    on.join(' ') || '-',
    {text: notOn.join(' ') || '-', paint: notOn.length > 0 ? style.bad : style.dim},
    {text: notHeard.join(' ') || '-', paint: notHeard.length > 0 ? style.bad : style.dim},
  ]);
  const columns = ['KEY', 'STAGE', 'ON', 'NOT YET ON', 'NOT HEARD'].map(heading => ({heading}));
  const strange = mode === null || mode === 'enforcing' ? [] : [style.bad(`security.mode here is "${mode}"`)];
  return [formatTable(columns, rows, style), '', ...strange, style.dim(escapeControls(advice))].join('\n');
}

/**
 * As `printChange`, but that who misses a step of the keys does not always catch up by itself.
 *
 * @param help what becomes of members that are not heard
 */
export function printKeyChange(document: ChangeDocument, help: string, style: Style): string {
  const {changes, missing, version} = document;
  const told =
    missing.length === 0
      ? [printChange(document, style)]
      : [
          ...changes.map(escapeControls),
          style.dim(`version ${version ?? 'none'} on ${escapeControls(document.applied.join(', '))}`),
          style.bad(escapeControls(`not heard: ${missing.join(', ')}: ${help}`)),
        ];
  return [...told, style.dim('look with: taco key list')].join('\n');
}

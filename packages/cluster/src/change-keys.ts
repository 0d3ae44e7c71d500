import {type Change, type For, Refusal} from './change.ts';
import {keyIdOf, sealedBytes} from './keys.ts';
import type {ClusterState, Key, Member} from './state.ts';

/** The keys that a leveler says it has on its disk, by fingerprint. */
export type KeysShown = {
  /** Those that it believes: retired ones are not among them. */
  readonly accepts: readonly string[];
  /** The one that it signs with. */
  readonly sends: string;
};

/** What the levelers that are heard show, by id. Who is not heard is missing. */
export type ShownKeys = ReadonlyMap<number, KeysShown>;

const again = 'look with: taco key list; then type the same again';

/**
 * Bring in another key. It is sealed with the current one; so that nobody is left with a third key, every leveler that is heard must
 * have done with the rotation before. Where all have changed their keys by hand, what they show takes the place of
 * what the state had.
 */
export function addKey(state: ClusterState, wish: For<'addKey'>, shown: ShownKeys): Change | Refusal {
  const {fingerprint, sealed, sealedBy, byHand} = wish;
  if (fingerprint === '' || sealedBy === '' || sealed.length !== (byHand ? 0 : sealedBytes)) {
    return new Refusal('the new key is not there', 'are all levelers of one version? see: taco version');
  }

  const current = currentOf(state, sealedBy, shown);
  const open = state.keys.find(({stage}) => stage !== 'current');
  if (open !== undefined && current.fingerprint === state.keys[0]?.fingerprint) {
    return openRotation(open);
  }

  if (sealedBy !== current.fingerprint || keyIdOf(wish) === keyIdOf(current)) {
    return new Refusal(`the leveler that was asked does not send with ${keyIdOf(current)}, the current key`, again);
  }

  const lagging = laggards(state, shown, keys => keys.accepts.length === 1 && keys.sends === current.fingerprint);
  if (lagging.length > 0) {
    const advice =
      state.keys.length > 0 ? again : 'keys of an earlier cluster are accepted there; give them up: taco key retire';
    return new Refusal(`${names(lagging)}: not yet with ${keyIdOf(current)} as the only key`, advice);
  }

  const next: Key = {fingerprint, stage: 'next', sealed: byHand ? undefined : {bytes: sealed, by: sealedBy}};
  const how = byHand
    ? 'every leveler accepts it once it lies beside its key file'
    : 'every leveler accepts it from now on';
  return withKeys(state, [current, next], `key ${keyIdOf(next)} added: ${how}`);
}

/** The key that everybody sends with: as the state has it, unless all show that it was changed by hand. */
function currentOf({keys, members}: ClusterState, sealedBy: string, shown: ShownKeys): Key {
  const byHand: Key = {fingerprint: sealedBy, stage: 'current', sealed: undefined};
  const all = members.map(({id}) => shown.get(id));
  const isByHand = all.every(one => one?.sends === sealedBy && one.accepts.length === 1);
  const known = keys.find(({stage}) => stage === 'current');
  return known === undefined || (isByHand && known.fingerprint !== sealedBy) ? byHand : known;
}

function openRotation(open: Key): Refusal {
  const id = keyIdOf(open);
  return open.stage === 'next'
    ? new Refusal(`key ${id} is the next one already`, 'go on with: taco key activate; or give it up: taco key retire')
    : new Refusal(`key ${id} is still accepted as the previous one`, 'end that rotation first: taco key retire');
}

/** Send with the next key. Everybody who is heard must accept it; who is not heard would be left behind. */
export function activateKey(state: ClusterState, wish: For<'activateKey'>, shown: ShownKeys): Change | Refusal {
  const [current, next] = state.keys;
  const wanted = wish.fingerprint || next?.fingerprint;
  if (wanted !== undefined && wanted === current?.fingerprint) {
    return {state, changes: []};
  }

  if (current === undefined || next?.stage !== 'next' || wanted !== next.fingerprint) {
    return new Refusal(
      wish.fingerprint === '' ? 'there is no next key' : `key ${keyIdOf(wish)} is not the next one`,
      'taco key list shows the keys; taco key add brings in another',
    );
  }

  const id = keyIdOf(next);
  const fault =
    checkAbsent(state, shown, wish, 'taco key activate', `send and hear with ${id}`) ??
    checkLagging(state, shown, keys => keys.accepts.includes(next.fingerprint), `not yet with key ${id} on its disk`);
  return fault ?? withKeys(state, [next, current], `key ${id} activated: every leveler sends with it from now on`);
}

/** Accept the previous key no longer, once nobody sends with it; or give up a next one, which nobody has sent with. */
export function retireKey(state: ClusterState, wish: For<'retireKey'>, shown: ShownKeys): Change | Refusal {
  const [current, other] = state.keys;
  if (wish.fingerprint === '' && current === undefined) {
    return nameKey(state, wish, shown);
  }

  if (wish.fingerprint !== '' && !state.keys.some(({fingerprint}) => fingerprint === wish.fingerprint)) {
    return {state, changes: []};
  }

  if (current === undefined || other === undefined) {
    return new Refusal('there is no key but the current one', 'taco key add brings in another');
  }

  if (wish.fingerprint === current.fingerprint) {
    return new Refusal(
      `every leveler sends with key ${keyIdOf(current)}`,
      'bring in another first: taco key add; then: taco key activate',
    );
  }

  const id = keyIdOf(other);
  const fault =
    other.stage === 'next'
      ? undefined
      : (checkAbsent(state, shown, wish, 'taco key retire', `be heard with ${id}`) ??
        checkLagging(state, shown, keys => keys.sends === current.fingerprint, `still sending with key ${id}`));
  return fault ?? withKeys(state, [current], `key ${id} retired: no leveler accepts it any more`);
}

/**
 * A newborn cluster names no keys, and levelers that had others before may accept more than one. Name the one that all of
 * them send with, so that the others go.
 */
function nameKey(state: ClusterState, wish: For<'retireKey'>, shown: ShownKeys): Change | Refusal {
  const all = state.members.flatMap(({id}) => shown.get(id) ?? []);
  const [first] = all;
  if (first === undefined || all.every(({accepts}) => accepts.length === 1)) {
    return new Refusal('there is no key but the current one', 'taco key add brings in another');
  }

  const id = keyIdOf({fingerprint: first.sends});
  const fault =
    checkAbsent(state, shown, wish, 'taco key retire', `be heard unless it sends with ${id}`) ??
    checkLagging(state, shown, keys => keys.sends === first.sends, `not sending with key ${id}`);
  const key: Key = {fingerprint: first.sends, stage: 'current', sealed: undefined};
  return fault ?? withKeys(state, [key], `key ${id} is the only one: no leveler accepts another any more`);
}

/** The new list, the current key first, as the step names it; what is sealed with a key that goes is of no use. */
function withKeys(state: ClusterState, [current, other]: readonly Key[], change: string): Change {
  const first: Key[] = current === undefined ? [] : [{...current, stage: 'current'}];
  const second: Key[] = other === undefined ? [] : [{...other, stage: other.stage === 'current' ? 'previous' : 'next'}];
  const keys = [...first, ...second];
  const stay = new Set(keys.map(({fingerprint}) => fingerprint));
  const opened = keys.map(key =>
    key.sealed !== undefined && !stay.has(key.sealed.by) ? {...key, sealed: undefined} : key,
  );
  return {state: {...state, keys: opened, keyRotation: state.keyRotation + 1}, changes: [change]};
}

function checkAbsent(
  {members}: ClusterState,
  shown: ShownKeys,
  {force}: {readonly force: boolean},
  command: string,
  loss: string,
): Refusal | undefined {
  const absent = members.filter(({id}) => !shown.has(id));
  return force || absent.length === 0
    ? undefined
    : new Refusal(
        `not heard: ${names(absent)}, which could not ${loss} afterwards`,
        `start it and type the same again; or leave it behind: ${command} --force, and later bring it a file of taco key export`,
      );
}

function checkLagging(
  state: ClusterState,
  shown: ShownKeys,
  isReady: (keys: KeysShown) => boolean,
  what: string,
): Refusal | undefined {
  const lagging = laggards(state, shown, isReady);
  return lagging.length === 0 ? undefined : new Refusal(`${names(lagging)}: ${what}`, again);
}

/** Members that are heard and have not taken the step before. */
function laggards({members}: ClusterState, shown: ShownKeys, isReady: (keys: KeysShown) => boolean): Member[] {
  return members.filter(({id}) => {
    const keys = shown.get(id);
    return keys !== undefined && !isReady(keys);
  });
}

function names(members: readonly Member[]): string {
  return members.map(({name}) => name).join(', ');
}

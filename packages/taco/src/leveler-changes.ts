import {tacoplex} from '@tacoplex/messages';
import type {Operation, Wish} from './change.ts';
import {numberOfLeveler} from './leveler-number.ts';
import {parseAddress} from './parse-words.ts';
import {Misunderstanding, Refusal} from './refusals.ts';
import {ownNameOf, type PeerAnswered, type StatusAnswered} from './status-document.ts';
import type {Given} from './verb.ts';

const caretaker = tacoplex.bus.v1.Caretaking.CARETAKER;

/**
 * `taco leveler remove`: of a live one only with `--force`, for it is most likely meant to be drained. On a caretaker
 * `--force` gives up all that are named at once, since one after the other would leave no majority.
 */
export function removeLeveler({operands, options}: Given): Wish {
  return status => {
    const ids = operands.map(name => knownId(status, name));
    if (options.force === true && status.view?.caretaking === caretaker) {
      return {giveUpMembers: {ids}};
    }

    const [[id = 0, ...others], [name = '']] = [ids, operands];
    if (others.length > 0) {
      throw new Refusal('only a caretaker gives up several levelers at once', 'remove one at a time');
    }

    const isMember = status.state?.members.some(member => member.id === id) ?? false;
    if (isMember && peerOf(status, id)?.live === true && options.force !== true) {
      throw isLive(status, name);
    }

    return {removeMember: {id}};
  };
}

function knownId(status: StatusAnswered, name: string): number {
  const id = idOf(status, name);
  if (id === undefined) {
    throw new Refusal(`there is no leveler ${name}`, 'taco leveler list shows the levelers there are');
  }

  return id;
}

function isLive(status: StatusAnswered, name: string): Refusal {
  const here = ownNameOf(status) === name ? ', and the one that this is typed on' : '';
  return new Refusal(
    `leveler ${name} is live${here}`,
    `for maintenance: taco leveler drain ${name}; to throw it out as it runs: taco leveler remove ${name} --force`,
  );
}

/** `taco leveler add`: announce one that is to come, or let one that was removed come back. */
export function addLeveler({operands: [name = '', address]}: Given): Wish {
  const given = address === undefined ? undefined : parseAddress(address);
  return (status): Operation => {
    const id = given === undefined ? idOf(status, name) : numberOfLeveler(status, given);
    if (id !== undefined) {
      return {announceMember: {id, name}};
    }

    throw given === undefined
      ? new Refusal(
          `leveler ${name} was never heard of: its number is not known`,
          `give its address on net B: taco leveler add ${name} ADDRESS`,
        )
      : new Misunderstanding(`${given} is no address on net B`, 'the number of a leveler is the host part of that');
  };
}

/** @returns undefined if nobody of that name is known */
function idOf({state, view}: StatusAnswered, name: string): number | undefined {
  return [...(state?.members ?? []), ...(state?.outsiders ?? []), ...(view?.peers ?? [])].find(
    candidate => candidate.name === name,
  )?.id;
}

function peerOf({view}: StatusAnswered, id: number): PeerAnswered | undefined {
  return view?.peers.find(peer => peer.id === id);
}

import type {Incoming} from '@tacoplex/messages';
import {addressOfLeveler, type IpAddress, ipFromBytes, type LevelerId, type Nets} from '@tacoplex/vocabulary';
import type {KnownNetwork} from './check-addresses.ts';
import type {LastWords, PlainState} from './last-words.ts';

type Peer = NonNullable<Incoming<'elector.view'>['peers']>[number];

/**
 * What this leveler knows of the addresses around it: from its config, from what it hears of the others, and of its own
 * machine. Members that it does not hear have the address that their number stands for; who was removed and is not
 * heard any more has given its address back.
 *
 * @param ownAddresses of this machine, loopback left out
 */
export function knownNetwork(nets: Nets, lastWords: LastWords, ownAddresses: readonly IpAddress[]): KnownNetwork {
  const view = lastWords['elector.view']?.message;
  const peers = (view?.peers ?? []).filter(peer => peer.member || peer.live || peer.id === view?.self);
  const heard = peers.map(peer => ({
    name: peer.name,
    isWitness: peer.witness,
    addresses: [
      ...addressesOf(peer),
      addressOfLeveler(peer.id as LevelerId, nets.netB.subnet),
      ...(peer.id === view?.self ? ownAddresses : []),
    ],
  }));
  const ids = new Set(peers.map(({id}) => id));
  const unheard = expectedBy(lastWords['elector.state']?.message.state)
    .filter(({id}) => !ids.has(id))
    .map(({id, name}) => ({
      name,
      isWitness: false,
      addresses: [addressOfLeveler(id as LevelerId, nets.netB.subnet)],
    }));
  return {...nets, levelers: [...heard, ...unheard]};
}

function addressesOf({netAAddress, netBAddress}: Peer): readonly IpAddress[] {
  return [netAAddress, netBAddress].flatMap(bytes => (bytes.length === 4 ? [ipFromBytes(bytes)] : []));
}

/** Members, and who was announced. */
function expectedBy(state: PlainState | undefined): readonly {readonly id: number; readonly name: string}[] {
  return [...(state?.members ?? []), ...(state?.outsiders ?? []).filter(({removed}) => !removed)];
}

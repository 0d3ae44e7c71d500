import {isHostAddress} from '@tacoplex/cluster';
import {
  addressOfLeveler,
  formatNet,
  type IpAddress,
  ipFromBytes,
  isOnNet,
  type LevelerId,
  type Nets,
  type UseKind,
  usesOf,
} from '@tacoplex/vocabulary';
import type {Command} from './describe-command.ts';

export type KnownLeveler = {
  /** Empty: it has not said. */
  readonly name: string;
  readonly isWitness: boolean;
  /** Its own, of any net. */
  readonly addresses: readonly IpAddress[];
};

/** Whose the addresses are that are not a server's or a service's. */
export type KnownNetwork = Nets & {readonly levelers: readonly KnownLeveler[]};

/** Why a command is not carried out, and what to type instead. */
export type AddressRefusal = {readonly refusal: string; readonly advice: string};

type Role = 'server' | 'service' | 'leveler';

type Rule = {
  readonly roles: readonly Role[];
  /** @returns what stands behind "10.0.1.254 is" if the address must not have the role; undefined: nothing against it */
  readonly find: (known: KnownNetwork, address: IpAddress) => string | undefined;
  /** When it is right nevertheless, and may be forced. Missing: it never is. */
  readonly unless?: string;
};

const ofConfig =
  (...kinds: readonly UseKind[]): Rule['find'] =>
  (known, address) =>
    usesOf(known, address).find(({kind}) => kinds.includes(kind))?.words;

const ofLeveler =
  (isMeant: (leveler: KnownLeveler) => boolean, what: string): Rule['find'] =>
  ({levelers}, address) => {
    const found = levelers.find(leveler => isMeant(leveler) && leveler.addresses.includes(address));
    return found && (found.name === '' ? `a ${what}'s own address` : `the own address of ${what} ${found.name}`);
  };

/** Of the config's peers those of whom nothing else is known: a witness is one of them too. */
const ofUnknownPeer: Rule['find'] = (known, address) =>
  known.levelers.some(({addresses}) => addresses.includes(address)) ? undefined : ofConfig('peer')(known, address);

const outsideNetB: Rule['find'] = ({netB}, address) =>
  isOnNet(netB, address) ? undefined : `outside net B (${formatNet(netB)})`;

/**
 * All that speaks against an address, by its role; the first that does is told. Frames for a server go out on net B to
 * its MAC address: whoever else has the address swallows or returns them. Frames for a service are taken from whoever
 * has its address, and every server has it too.
 */
const rules: readonly Rule[] = [
  {roles: ['server', 'service', 'leveler'], find: ofConfig('network', 'broadcast', 'router', 'gateway')},
  {roles: ['server', 'leveler'], find: ofConfig('levip')},
  {roles: ['service'], find: ofConfig('levip'), unless: 'if clients are to ask the LevIP itself'},
  {roles: ['server', 'service'], find: ofLeveler(({isWitness}) => !isWitness, 'leveler')},
  {roles: ['server', 'service'], find: ofUnknownPeer},
  {
    roles: ['server'],
    find: ofLeveler(({isWitness}) => isWitness, 'witness'),
    unless: 'if that machine is to be a server as well',
  },
  {roles: ['service'], find: ofLeveler(({isWitness}) => isWitness, 'witness')},
  {roles: ['leveler'], find: outsideNetB},
  {roles: ['server'], find: outsideNetB, unless: 'if it answers ARP for that address on net B'},
];

const advices: Readonly<Record<Role, string>> = {
  server: "give the server's own address on net B: taco server add NAME ADDRESS",
  service: 'give an address of its own, which routers send to a LevIP: taco service add ADDRESS[:PORT][/PROTOCOL]',
  leveler: "give the leveler's own address on net B: taco leveler add NAME ADDRESS",
};

/**
 * The one place where the address of a command is held against the network. What the cluster state itself has (servers,
 * services, names) the leader checks, when it carries the command out, and so whether it is an address of a host at all.
 *
 * @param isForced the operator knows better, where that can be
 * @returns undefined: nothing speaks against it
 */
export function checkAddresses(command: Command, known: KnownNetwork, isForced: boolean): AddressRefusal | undefined {
  const wanted = wantedBy(command, known);
  if (wanted === undefined || !isHostAddress(wanted.address)) {
    return undefined;
  }

  const {role, address} = wanted;
  for (const {roles, find, unless} of rules) {
    const words = roles.includes(role) && !(isForced && unless !== undefined) ? find(known, address) : undefined;
    if (words !== undefined) {
      const stays = isForced ? ', and --force does not change that' : '';
      const doubt = unless === undefined ? '' : `; ${unless}: the same with --force`;
      return {refusal: `${address} is ${words}${stays}`, advice: `${advices[role]}${doubt}`};
    }
  }

  return undefined;
}

/** @returns undefined if the command names no address that is to be taken */
function wantedBy(
  {addServer, addService, announceMember}: Command,
  {netB}: KnownNetwork,
): {readonly role: Role; readonly address: IpAddress} | undefined {
  if (addServer) {
    return {role: 'server', address: ipFromBytes(addServer.address)};
  }

  if (addService) {
    return {role: 'service', address: ipFromBytes(addService.address)};
  }

  return announceMember
    ? {role: 'leveler', address: addressOfLeveler(announceMember.id as LevelerId, netB.subnet)}
    : undefined;
}

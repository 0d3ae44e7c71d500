import {binCount, type IpAddress, ipToBytes, toHex} from '@tacoplex/vocabulary';
import {type AdmWish, parseAdmLetters} from './adm-letters.ts';
import {carryOut, type Wish} from './change.ts';
import {Refusal} from './refusals.ts';
import type {StatusDocument} from './schemas.ts';
import {askStatus} from './show.ts';
import {describeStatus, type StatusAnswered} from './status-document.ts';
import {escapeControls} from './text.ts';
import type {Given, Shown, World} from './verb.ts';

const tcp = 6;

/** `taco adm`: what tacoplexadm did, by its own letters. */
export async function administer(world: World, {operands}: Given): Promise<Shown> {
  const wish = parseAdmLetters(operands);
  return wish.kind === 'show' ? await showPlainly(world) : await carryOut(world, translate(wish));
}

async function showPlainly(world: World): Promise<Shown> {
  const document = describeStatus(await askStatus(await world.admin()));
  return {document, print: () => printPlainly(document, world.unixSeconds())};
}

/**
 * The state as the original printed it. Levelers by net B address, with the time of their last beat in seconds since
 * 1970; servers and virtual addresses with the packets that this leveler sent them.
 */
export function printPlainly(status: StatusDocument, unixSeconds: number): string {
  const virtuals = new Map<string, number>();
  for (const {address, port, packets} of status.services) {
    const endpoint = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
    virtuals.set(endpoint, (virtuals.get(endpoint) ?? 0) + (packets ?? 0));
  }

  return [
    `TacoPleX (Version ${status.software.split('.').slice(0, 2).join('.')})`,
    `Using ${binCount} bins.`,
    status.role === 'leader' ? 'I am the leader.' : 'I am not the leader.',
    ...status.levelers.map(
      ({address, name, silenceMs}) =>
        `Leveler: ${address ?? name} ${silenceMs === null ? 0 : Math.floor(unixSeconds - silenceMs / 1000)}`,
    ),
    ...status.servers.map(({address, packets}) => `Server: ${address} ${packets ?? 0}`),
    ...[...virtuals].map(([endpoint, packets]) => `Virtual: ${endpoint} ${packets}`),
  ]
    .map(escapeControls)
    .join('\n');
}

/** A virtual address with a port is TCP, as it was for the web clusters of its day; port 0 is everything. */
function translate(wish: Exclude<AdmWish, {kind: 'show'}>): Wish {
  const {kind, address} = wish;
  const bytes = ipToBytes(address);
  switch (kind) {
    case 'addVirtual':
      return {addService: {address: bytes, protocol: wish.port === 0 ? 0 : tcp, port: wish.port}};
    case 'deleteVirtual':
      return {removeService: {address: bytes, protocol: wish.port === 0 ? 0 : tcp, port: wish.port}};
    case 'addServer':
      return {addServer: {name: `s-${address.replaceAll(':', '-')}`, address: bytes, weight: 1}};
    case 'deleteServer':
      return status => ({removeServer: {name: serverAt(status, address)}});
    case 'addLeveler':
      throw new Refusal(
        "levelers are not added by hand: one that has the cluster's key joins by its beats",
        `start TacoPleX on ${address} with the same taco.toml and key file; taco leveler list then shows it`,
      );
    case 'deleteLeveler':
      return status => ({removeMember: {id: levelerAt(status, address)}});
  }
}

/** Servers of several groups may share an address: then only a name tells which is meant. */
function serverAt({state}: StatusAnswered, address: IpAddress): string {
  const key = toHex(ipToBytes(address));
  const [server, ...others] = state?.servers.filter(candidate => toHex(candidate.address) === key) ?? [];
  if (server === undefined) {
    throw new Refusal(`there is no server ${address}`, 'taco server list shows the servers there are');
  }

  if (others.length > 0) {
    const names = [server, ...others].map(({name}) => name).join(', ');
    throw new Refusal(`${address} is more than one server: ${names}`, 'taco server remove NAME');
  }

  return server.name;
}

function levelerAt({view}: StatusAnswered, address: IpAddress): number {
  const key = toHex(ipToBytes(address));
  const leveler = view?.peers.find(peer => toHex(peer.netBAddress) === key);
  if (leveler === undefined) {
    throw new Refusal(
      `no leveler was heard from ${address}`,
      'taco leveler list shows the levelers there are; taco leveler remove NAME removes one by name',
    );
  }

  return leveler.id;
}

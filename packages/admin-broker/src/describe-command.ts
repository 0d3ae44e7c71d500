import type {Asked} from '@tacoplex/messages';
import {ipFromBytes, toHex} from '@tacoplex/vocabulary';

export type Command = NonNullable<Asked<'elector.command'>['command']>;

const protocols: Readonly<Record<number, string>> = {0: 'any', 6: 'tcp', 17: 'udp', 132: 'sctp'};

/**
 * The command as an operator would say it, for the log: `add server s1 10.0.1.101 weight=1`.
 *
 * @returns undefined for an operation that this version does not know, or an address of no known length
 */
export function describeCommand(command: Command): string | undefined {
  const words = operationWords(command);
  return words?.filter(word => word !== '').join(' ');
}

function operationWords(command: Command): readonly string[] | undefined {
  const {
    addServer,
    removeServer,
    setWeight,
    addService,
    removeService,
    addGroup,
    removeGroup,
    addMember,
    removeMember,
    addKey,
    activateKey,
    retireKey,
    announceMember,
    giveUpMembers,
  } = command;
  if (addServer) {
    const {name, address, group, weight} = addServer;
    return addressed(address, ip => ['add server', name, ip, groupWord(group), `weight=${weight}`]);
  }

  if (addService) {
    return addressed(addService.address, ip => [
      'add service',
      serviceWord(ip, addService),
      groupWord(addService.group),
    ]);
  }

  if (removeService) {
    return addressed(removeService.address, ip => ['remove service', serviceWord(ip, removeService)]);
  }

  return (
    (removeServer && ['remove server', removeServer.name]) ??
    (setWeight && ['set weight of server', setWeight.name, `weight=${setWeight.weight}`]) ??
    (addGroup && ['add group', addGroup.name]) ??
    (removeGroup && ['remove group', removeGroup.name]) ??
    (addMember && ['add leveler', addMember.name, `id=${addMember.id}`]) ??
    (removeMember && ['remove leveler', `id=${removeMember.id}`]) ??
    (addKey && ['add key', addKey.byHand ? 'by-hand' : '']) ??
    (activateKey && ['activate key', ...keyWords(activateKey)]) ??
    (retireKey && ['retire key', ...keyWords(retireKey)]) ??
    (announceMember && ['announce leveler', announceMember.name, `id=${announceMember.id}`]) ??
    (giveUpMembers && ['give up levelers', `ids=${giveUpMembers.ids.join(',')}`]) ??
    undefined
  );
}

function addressed(bytes: Uint8Array, words: (ip: string) => readonly string[]): readonly string[] | undefined {
  return bytes.length === 4 || bytes.length === 16 ? words(ipFromBytes(bytes)) : undefined;
}

function keyWords({
  fingerprint,
  force,
}: {
  readonly fingerprint: Uint8Array;
  readonly force: boolean;
}): readonly string[] {
  return [toHex(fingerprint).slice(0, 8), force ? 'force' : ''];
}

function groupWord(group: string): string {
  return group === '' ? '' : `group=${group}`;
}

function serviceWord(ip: string, {protocol, port}: {readonly protocol: number; readonly port: number}): string {
  return `${ip} port=${port} protocol=${protocols[protocol] ?? protocol}`;
}

import {
  type ArpFrame,
  type ArpPacket,
  broadcastRequest,
  gratuitousReply,
  gratuitousRequest,
  unicastRequest,
} from '@tacoplex/frames';
import type {IpAddress, MacAddress} from '@tacoplex/vocabulary';

/** "Who is `neighbour`? `shared` asks." Who is asked takes the asker's MAC at once, and its answer acknowledges it. */
export function askAs(
  shared: IpAddress,
  own: MacAddress,
  neighbour: IpAddress,
  neighbourMac: MacAddress | undefined,
): ArpFrame {
  return neighbourMac === undefined
    ? broadcastRequest(own, shared, neighbour)
    : unicastRequest(own, shared, neighbourMac, neighbour);
}

/** Both forms of "`shared` is here", to all: some hosts heed the request only, some the reply only. */
export function gratuitousPair(shared: IpAddress, own: MacAddress): ArpFrame[] {
  return [gratuitousRequest(own, shared), gratuitousReply(own, shared)];
}

/** Answer a question: what it asks for is at `mac`, which may be another leveler's. */
export function answer(question: ArpPacket, own: MacAddress, mac: MacAddress): ArpFrame {
  const {targetIp: shared, senderMac: asker, senderIp} = question;
  return {
    source: own,
    destination: asker,
    arp: {operation: 'reply', senderMac: mac, senderIp: shared, targetMac: asker, targetIp: senderIp},
  };
}

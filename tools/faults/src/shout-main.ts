/**
 * shout-main - say by ARP, again and again, that somebody has an address.
 *
 * usage: shout-main INTERFACE TIMES-PER-SECOND SECONDS MAC ADDRESS TO
 *
 * Sends answers that nobody asked for out of the interface, from MAC: ADDRESS is at MAC. TO: the MAC address they are for; `all`: to all,
 * with the question about itself that goes with it. Prints how many times it said so.
 *
 * Needs  CAP_NET_RAW
 */
import {execFileSync} from 'node:child_process';
import {setTimeout as pause} from 'node:timers/promises';
import {type ArpFrame, buildArpFrame, gratuitousReply, gratuitousRequest} from '@tacoplex/frames';
import {PacketSender} from '@tacoplex/kernel';
import type {IpAddress, MacAddress} from '@tacoplex/vocabulary';

const [, , interfaceName = '', perSecond = '', seconds = '', source = '', address = '', to = ''] = process.argv;
const [mac, ip, destination] = [source as MacAddress, address as IpAddress, to as MacAddress];
const nobody = '0.0.0.0' as IpAddress;

/** As an answer to a question that was asked in nobody's name. */
const told: ArpFrame = {
  source: mac,
  destination,
  arp: {operation: 'reply', senderMac: mac, senderIp: ip, targetMac: destination, targetIp: nobody},
};
const frames = to === 'all' ? [gratuitousRequest(mac, ip), gratuitousReply(mac, ip)] : [told];
const links = JSON.parse(execFileSync('ip', ['-j', 'link', 'show', interfaceName], {encoding: 'utf8'})) as {
  readonly ifindex: number;
}[];
const sender = new PacketSender();
const times = Number(perSecond) * Number(seconds);
for (let said = 0; said < times; said++) {
  for (const frame of frames) {
    sender.send(links[0]?.ifindex ?? 0, buildArpFrame(frame));
  }

  await pause(1000 / Number(perSecond));
}

sender.close();
process.stdout.write(`${times}\n`);

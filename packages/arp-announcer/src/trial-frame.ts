import {
  buildEthernet,
  buildIcmp,
  buildIpv4,
  ethernetHeaderBytes,
  etherTypes,
  ipProtocols,
  padded,
} from '@tacoplex/frames';
import {type IpAddress, type MacAddress, trialIdentifier} from '@tacoplex/vocabulary';

const echoAnswer = 0;
const echoRequest = 8;
const icmpHeaderBytes = 8;

export type TrialFrame = {
  /** A request goes to a ServIP; an answer is what a server would send from there. */
  readonly kind: 'request' | 'answer';
  readonly from: MacAddress;
  readonly to: MacAddress;
  readonly servIp: IpAddress;
  /** Ours on net A. */
  readonly own: IpAddress;
  /** 0..65535. */
  readonly number: number;
  /** Comes back with an answer: whoever does not see the ping cannot answer for it. */
  readonly token: Uint8Array;
};

/** @see RFC 792, page 14 */
export function buildTrialFrame({kind, from, to, servIp, own, number, token}: TrialFrame): Uint8Array {
  const isRequest = kind === 'request';
  const addresses = isRequest ? {source: own, destination: servIp} : {source: servIp, destination: own};
  const rest = ((trialIdentifier << 16) | number) >>> 0;
  const message = buildIcmp(addresses, {type: isRequest ? echoRequest : echoAnswer, rest, payload: token});
  const payload = buildIpv4({...addresses, protocol: ipProtocols.icmp, payload: message});
  return padded(buildEthernet({destination: to, source: from, type: etherTypes.ipv4, payload}));
}

/** @returns its number; undefined: it is no answer to a ping of ours */
export function parseTrialFrame(bytes: Uint8Array, length: number, token: Uint8Array): number | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, length);
  if (length < ethernetHeaderBytes + 20 || view.getUint16(12) !== etherTypes.ipv4) {
    return undefined;
  }

  const icmpAt = ethernetHeaderBytes + 4 * (view.getUint8(ethernetHeaderBytes) & 0xf);
  const tokenAt = icmpAt + icmpHeaderBytes;
  if (
    tokenAt + token.length > length ||
    view.getUint8(ethernetHeaderBytes + 9) !== ipProtocols.icmp ||
    view.getUint8(icmpAt) !== echoAnswer ||
    view.getUint16(icmpAt + 4) !== trialIdentifier
  ) {
    return undefined;
  }

  const isOurs = token.every((byte, index) => byte === bytes[tokenAt + index]);
  return isOurs ? view.getUint16(icmpAt + 6) : undefined;
}

import {buildEthernet, buildUdp, etherTypes, fragmentIpv4, fragmentIpv6, padded} from '@tacoplex/frames';
import {
  createDecision,
  decide,
  fragmentKeyWords,
  type ImageContent,
  imageBytes,
  openImage,
  writeFragmentKey,
  writeImage,
} from '@tacoplex/leveling';
import {familyOf, type IpAddress, type MacAddress} from '@tacoplex/vocabulary';
import {content} from './program.ts';

/** The fragments of one UDP datagram, as frames from a client to us, in order. */
export function datagram(
  to: IpAddress,
  {identification = 0x1234, sourcePort = 40_000, bytes = 3000, perFragment = 800} = {},
): Uint8Array[] {
  const isIpv4 = familyOf(to) === 'ipv4';
  const ends = {source: (isIpv4 ? '192.0.2.7' : '2001:db8::7') as IpAddress, destination: to};
  const payload = buildUdp(ends, {
    sourcePort,
    destinationPort: to === '10.0.1.203' ? 1645 : 53,
    payload: Uint8Array.from({length: bytes}, (_, index) => identification + index * 3),
  });
  const packet = {...ends, protocol: 17, payload};
  const pieces = isIpv4
    ? fragmentIpv4({...packet, identification}, perFragment)
    : fragmentIpv6(packet, perFragment, identification);
  return pieces.map(piece =>
    padded(
      buildEthernet({
        destination: content.ourMac,
        source: '02:00:00:00:00:99' as MacAddress,
        type: isIpv4 ? etherTypes.ipv4 : etherTypes.ipv6,
        payload: piece,
      }),
    ),
  );
}

/** What a fragment has in common with the others of its datagram. */
export const keyOf = (frame: Uint8Array): Uint8Array => {
  const [image, decision] = [openImage(imageOf(content)), createDecision()];
  decide(image, frame, frame.length, decision);
  const key = new Int32Array(fragmentKeyWords);
  writeFragmentKey(frame, decision.packet, key);
  return new Uint8Array(key.buffer);
};

export const imageOf = (what: ImageContent): ArrayBuffer => {
  const buffer = new ArrayBuffer(imageBytes);
  writeImage(buffer, what);
  return buffer;
};

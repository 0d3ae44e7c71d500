import {toVersionMessage} from '@tacoplex/cluster';
import {createDecision, type Decision, decide, type ForwardingImage, reasons, rewrite} from '@tacoplex/leveling';
import type {Asked, Reply} from '@tacoplex/messages';
import type {ServerNumber} from '@tacoplex/vocabulary';
import type {Applied} from './status.ts';

type EngineDecision = NonNullable<Reply<'forwarder.explain'>['decisions']>[number];

const macBytes = 6;
const sourceMac = new Uint8Array(macBytes);

/**
 * What the cap engine would do with these frames: it decides by the very image that is in force. Nothing is counted.
 *
 * @param image does not change meanwhile, but for MAC addresses that the frame loop's thread learns
 */
export function answerExplain(
  {frames}: Asked<'forwarder.explain'>,
  image: ForwardingImage,
  applied: Applied | undefined,
): Reply<'forwarder.explain'> {
  if (applied === undefined) {
    return {engine: 'cap', refusal: 'the data path has no cluster state yet'};
  }

  const decision = createDecision();
  return {
    engine: 'cap',
    version: toVersionMessage(applied.state.version),
    digest: applied.digest,
    servers: applied.state.servers.flatMap(({number}) => {
      const mac = macIn(image, number, decision);
      return mac.every(byte => byte === 0) ? [] : [{number, mac}];
    }),
    decisions: frames.map(frame => decideOne(image, frame, decision)),
  };
}

function macIn(image: ForwardingImage, server: ServerNumber, decision: Decision): Uint8Array {
  const frame = new Uint8Array(2 * macBytes);
  decision.server = server;
  rewrite(frame, image, decision, sourceMac);
  return frame.slice(0, macBytes);
}

function decideOne(image: ForwardingImage, asked: Uint8Array, decision: Decision): EngineDecision {
  const frame = Uint8Array.from(asked);
  if (frame.length >= macBytes && frame.subarray(0, macBytes).every(byte => byte === 0)) {
    frame.set(image.ourMac);
  }

  decide(image, frame, frame.length, decision);
  const {verdict, reason} = decision;
  if (verdict !== 'forward') {
    return {verdict, reason: reasons[reason] ?? ''};
  }

  rewrite(frame, image, decision, sourceMac);
  return {verdict, reason: reasons[reason] ?? '', destination: frame.slice(0, macBytes)};
}

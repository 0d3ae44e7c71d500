import type {ServerState} from '@tacoplex/cluster';
import type {Affinity} from '@tacoplex/leveling';
import type {Decoded, Encodable, tacoplex} from '@tacoplex/messages';
import {fromHex, ipFromBytes, ipToBytes, macFromBytes, macToBytes, toHex} from '@tacoplex/vocabulary';
import type {EngineDecision} from './compare.ts';
import type {ExplainedServer, ExplainedVerdict, Explanation} from './explanation.ts';

type Message<Name extends 'Explained' | 'ExplainedServer' | 'EngineDecision'> = InstanceType<
  (typeof tacoplex.bus.v1)[Name]
>;

export function toExplainedMessage({
  verdict,
  reason,
  service,
  key,
  server,
}: Explanation): Encodable<Message<'Explained'>> {
  return {
    verdict: verdict === 'unknown' ? '' : verdict,
    reason,
    ...(service && {service: service.name, group: service.group, affinity: service.affinity}),
    ...(key && {key: key.bytes, hash: fromHex(key.hash) ?? new Uint8Array(), bin: key.bin}),
    ...(server && {server: toServerMessage(server)}),
  };
}

function toServerMessage({address, mac, ...rest}: ExplainedServer): Encodable<Message<'ExplainedServer'>> {
  return {...rest, address: ipToBytes(address), mac: mac === undefined ? new Uint8Array() : macToBytes(mac)};
}

/** @throws RangeError if an address in it is none */
export function fromExplainedMessage(message: Decoded<Message<'Explained'>>): Explanation {
  const {verdict, reason, service: name, group, affinity, key, hash, bin, server} = message;
  return {
    verdict: verdict === '' ? 'unknown' : (verdict as ExplainedVerdict),
    reason,
    ...(name !== '' && {service: {name, group, affinity: affinity as Affinity}}),
    ...(key.length > 0 && {key: {bytes: Uint8Array.from(key), hash: toHex(hash), bin}}),
    ...(server && {server: fromServerMessage(server)}),
  };
}

function fromServerMessage(message: Decoded<Message<'ExplainedServer'>>): ExplainedServer {
  const {number, name, address, weight, state, isFallback, mac} = message;
  return {
    number,
    name,
    address: ipFromBytes(address),
    weight,
    state: state as ServerState,
    isFallback,
    ...(mac.length === 6 && {mac: macFromBytes(mac)}),
  };
}

/** @returns undefined if the engine cannot say */
export function fromDecisionMessage(
  message: Decoded<Message<'EngineDecision'>> | null | undefined,
): EngineDecision | undefined {
  if (!message || message.verdict === '') {
    return undefined;
  }

  const {verdict, reason, destination} = message;
  return {
    verdict: verdict as EngineDecision['verdict'],
    ...(reason !== '' && {reason}),
    ...(destination.length === 6 && {destination: macFromBytes(destination)}),
  };
}

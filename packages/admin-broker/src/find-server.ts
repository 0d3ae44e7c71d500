import {isHostAddress} from '@tacoplex/cluster';
import {WorldError} from '@tacoplex/errors';
import type {Answer, Incoming, Question} from '@tacoplex/messages';
import {equalBytes, formatNet, ipFromBytes, macFromBytes, type Nets} from '@tacoplex/vocabulary';
import type {AddressRefusal} from './check-addresses.ts';
import type {Command} from './describe-command.ts';

/** The arp-announcer answers within 1.5 s, but may be about to start. */
export const findMs = 3000;

/** What it takes to find out whether a server is there. */
export type Finding = {
  readonly netB: Nets['netB'];
  readonly peers: Incoming<'elector.view'>['peers'];
  /** @throws WorldError NO_ANSWER */
  readonly ask: (question: Question<'announcer.find'>) => Promise<Answer<'announcer.find'>>;
};

const orForce = 'or, to give it its share before it is there, the same with --force';

/**
 * Whether a server that is to be added answers ARP on net B: what belongs to one that does not is lost from the moment on that it
 * has bins.
 *
 * @returns undefined: it does, or the command adds none
 */
export async function findServer(
  {addServer}: Command,
  {netB, peers, ask}: Finding,
): Promise<AddressRefusal | undefined> {
  const address = addServer ? ipFromBytes(addServer.address) : undefined;
  if (!addServer || address === undefined || !isHostAddress(address)) {
    return undefined;
  }

  if (addServer.address.length !== 4) {
    return {
      refusal: `${address} cannot be looked for: levelers find servers by ARP, which has IPv4 addresses alone`,
      advice: `give its IPv4 address on net B; services may have IPv6 addresses all the same; ${orForce}`,
    };
  }

  const {mac, refusal} = await answerOf(ask({address: addServer.address}));
  if (refusal !== '') {
    return {refusal: `${address} cannot be looked for: ${refusal}`, advice: `ask another leveler; ${orForce}`};
  }

  if (mac.length === 0) {
    return {
      refusal: `${address} does not answer ARP on net B (${formatNet(netB)})`,
      advice: `is it up, and is that its address? Try: ping ${address}; ${orForce}`,
    };
  }

  const leveler = peers.find(({netBMac}) => equalBytes(netBMac, mac));
  return (
    leveler && {
      refusal: `for ${address} leveler ${leveler.name || leveler.id} answers (${macFromBytes(mac)})`,
      advice: "give the server's own address on net B: taco server add NAME ADDRESS",
    }
  );
}

async function answerOf(answer: Promise<Answer<'announcer.find'>>): Promise<Answer<'announcer.find'>> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof WorldError) {
      return {refusal: 'the arp-announcer of this machine gives no answer', mac: new Uint8Array()};
    }

    throw error;
  }
}

import {type IpAddress, ipToBytes} from '@tacoplex/vocabulary';
import type {StatusAnswered} from './status-document.ts';

const most = 65_535;

/**
 * The number of the leveler that has an address on net B: the host part of it. What part that is shows in the address
 * and the number of the leveler that answers.
 *
 * @returns undefined if it is no address of that net, or the elector is silent
 */
export function numberOfLeveler({view}: StatusAnswered, address: IpAddress): number | undefined {
  const self = view?.peers.find(({id}) => id === view.self);
  const [own, other] = [self?.netBAddress ?? new Uint8Array(), ipToBytes(address)];
  if (self === undefined || own.length !== 4 || other.length !== 4) {
    return undefined;
  }

  const number = toNumber(other) - (toNumber(own) - self.id);
  return number >= 1 && number <= most ? number : undefined;
}

function toNumber(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}

import type {BpfObject} from '@tacoplex/kernel';
import type {OpenPart} from './sides.ts';

/** A map of a loaded object, some of its memory at a time. */
export function partsOf(object: BpfObject, map: string): OpenPart {
  return (offset, bytes) => object.map(map).mapPart(offset, bytes);
}

import type {Decision} from './decision.ts';
import type {ForwardingImage} from './image.ts';

export declare function decide(image: ForwardingImage, frame: Uint8Array, length: number, out: Decision): void;

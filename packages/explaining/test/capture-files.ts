import {joinBytes} from '@tacoplex/frames';

/** A frame to be written; `length` if it was cut. */
export type Written = {readonly bytes: Uint8Array; readonly length?: number};

export type PcapOptions = {
  readonly isLittle?: boolean;
  readonly mark?: number;
  readonly linkType?: number;
};

/** 32-bit and 16-bit (negative width) words in one byte order. */
const words = (isLittle: boolean, ...values: readonly (number | {readonly half: number})[]): Uint8Array =>
  joinBytes(
    ...values.map(value => {
      const isHalf = typeof value !== 'number';
      const view = new DataView(new ArrayBuffer(isHalf ? 2 : 4));
      if (isHalf) {
        view.setUint16(0, value.half, isLittle);
      } else {
        view.setUint32(0, value, isLittle);
      }

      return new Uint8Array(view.buffer);
    }),
  );

export const writePcap = (
  frames: readonly Written[],
  {isLittle = true, mark = 0xa1b2c3d4, linkType = 1}: PcapOptions = {},
): Uint8Array =>
  joinBytes(
    words(isLittle, mark, {half: 2}, {half: 4}, 0, 0, 65_535, linkType),
    ...frames.flatMap(({bytes, length = bytes.length}) => [words(isLittle, 1, 2, bytes.length, length), bytes]),
  );

const block = (isLittle: boolean, type: number, ...content: readonly Uint8Array[]): Uint8Array => {
  const body = joinBytes(...content);
  const filler = new Uint8Array((4 - (body.length % 4)) % 4);
  const length = 12 + body.length + filler.length;
  return joinBytes(words(isLittle, type, length), body, filler, words(isLittle, length));
};

export const section = (isLittle: boolean): Uint8Array =>
  block(isLittle, 0x0a0d0d0a, words(isLittle, 0x1a2b3c4d, {half: 1}, {half: 0}, 0xffffffff, 0xffffffff));

export const describedInterface = (isLittle: boolean, linkType = 1, snapLength = 0): Uint8Array =>
  block(isLittle, 1, words(isLittle, {half: linkType}, {half: 0}, snapLength));

export const enhancedPacket = (isLittle: boolean, {bytes, length = bytes.length}: Written, index = 0): Uint8Array =>
  block(isLittle, 6, words(isLittle, index, 1, 2, bytes.length, length), bytes);

export const simplePacket = (isLittle: boolean, {bytes, length = bytes.length}: Written): Uint8Array =>
  block(isLittle, 3, words(isLittle, length), bytes);

/** A block that no reader has to know. */
export const nameResolution = (isLittle: boolean): Uint8Array => block(isLittle, 4, new Uint8Array(8));

export const writePcapng = (frames: readonly Written[], isLittle = true): Uint8Array =>
  joinBytes(
    section(isLittle),
    describedInterface(isLittle),
    nameResolution(isLittle),
    ...frames.map(frame => enhancedPacket(isLittle, frame)),
  );

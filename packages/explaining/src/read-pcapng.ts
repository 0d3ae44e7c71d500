import {CaptureError} from './capture-error.ts';
import {demandEthernet, type FrameBytes, takeFrame} from './frame-bytes.ts';

/** Types of the blocks that matter here; others are passed over. */
const blockTypes = {section: 0x0a0d0d0a, interface: 1, simplePacket: 3, enhancedPacket: 6} as const;
const byteOrderMark = 0x1a2b3c4d;
/** Of a block without content: type, length, length again. */
const shortestBlock = 12;

type Interface = {readonly linkType: number; readonly snapLength: number};

type Section = {readonly isLittle: boolean; readonly interfaces: Interface[]};

/** `start` and `end` of the content, between both lengths. */
type Block = {readonly type: number; readonly where: string; readonly start: number; readonly end: number};

/** Whether this is a pcapng file: its first block is a section header. */
export function isPcapng(file: Uint8Array): boolean {
  return file.length >= 4 && viewOf(file).getUint32(0) === blockTypes.section;
}

/**
 * The frames of a pcapng file: its enhanced and simple packets, over all sections.
 *
 * @throws CaptureError
 * @see draft-ietf-opsawg-pcapng, 3 and 4
 */
export function* readPcapng(file: Uint8Array): Generator<FrameBytes> {
  const view = viewOf(file);
  let section: Section = {isLittle: true, interfaces: []};
  let offset = 0;
  for (let number = 1; offset < file.length; number++) {
    const where = `block ${number} (at byte ${offset})`;
    section = nextSection(view, offset, where) ?? section;
    const block = readBlock(view, offset, where, section.isLittle);
    const frame = takeBlock(file, view, section, block);
    if (frame !== undefined) {
      yield frame;
    }

    offset = block.end + 4;
  }
}

/** A section says itself in which byte order it is, its own header included. */
function nextSection(view: DataView, offset: number, where: string): Section | undefined {
  if (offset + 4 > view.byteLength || view.getUint32(offset) !== blockTypes.section) {
    return undefined;
  }

  if (offset + 28 > view.byteLength) {
    throw new CaptureError(`${where} is cut: the file ends within a section header`);
  }

  const isLittle = [true, false].find(candidate => view.getUint32(offset + 8, candidate) === byteOrderMark);
  if (isLittle === undefined) {
    throw new CaptureError(`${where} is a section header without its byte-order mark`);
  }

  const major = view.getUint16(offset + 12, isLittle);
  if (major !== 1) {
    throw new CaptureError(
      `${where} has version ${major}.${view.getUint16(offset + 14, isLittle)} of pcapng: only 1 is read`,
    );
  }

  return {isLittle, interfaces: []};
}

function readBlock(view: DataView, offset: number, where: string, isLittle: boolean): Block {
  if (offset + shortestBlock > view.byteLength) {
    throw new CaptureError(`${where} is cut: the file ends within its header`);
  }

  const length = view.getUint32(offset + 4, isLittle);
  if (length < shortestBlock || length % 4 !== 0) {
    throw new CaptureError(`${where} says that it is ${length} bytes long: no block is`);
  }

  if (offset + length > view.byteLength) {
    throw new CaptureError(`${where} is cut: of its ${length} bytes the file has ${view.byteLength - offset}`);
  }

  const again = view.getUint32(offset + length - 4, isLittle);
  if (again !== length) {
    throw new CaptureError(`${where} says that it is ${length} bytes long at its begin, and ${again} at its end`);
  }

  return {type: view.getUint32(offset, isLittle), where, start: offset + 8, end: offset + length - 4};
}

function takeBlock(file: Uint8Array, view: DataView, section: Section, block: Block): FrameBytes | undefined {
  switch (block.type) {
    case blockTypes.interface:
      section.interfaces.push(readInterface(view, section, block));
      return undefined;
    case blockTypes.enhancedPacket:
      return takeEnhanced(file, view, section, block);
    case blockTypes.simplePacket:
      return takeSimple(file, view, section, block);
    default:
      return undefined;
  }
}

function readInterface(view: DataView, {isLittle}: Section, block: Block): Interface {
  demandContent(block, 8);
  return {
    linkType: view.getUint16(block.start, isLittle),
    snapLength: view.getUint32(block.start + 4, isLittle),
  };
}

function takeEnhanced(file: Uint8Array, view: DataView, section: Section, block: Block): FrameBytes {
  const {start, end, where} = block;
  demandContent(block, 20);
  interfaceOf(section, block, view.getUint32(start, section.isLittle));
  const captured = view.getUint32(start + 12, section.isLittle);
  const length = view.getUint32(start + 16, section.isLittle);
  return takeFrame(file, where, {offset: start + 20, end, captured, length});
}

/** Has no captured length: the frame's own, cut by the interface's snap length (0: none). */
function takeSimple(file: Uint8Array, view: DataView, section: Section, block: Block): FrameBytes {
  const {start, end, where} = block;
  demandContent(block, 4);
  const {snapLength} = interfaceOf(section, block, 0);
  const length = view.getUint32(start, section.isLittle);
  const captured = snapLength === 0 ? length : Math.min(length, snapLength);
  return takeFrame(file, where, {offset: start + 4, end, captured, length});
}

function interfaceOf({interfaces}: Section, {where}: Block, index: number): Interface {
  const found = interfaces[index];
  if (found === undefined) {
    throw new CaptureError(`${where} is of interface ${index}, which the file has not described`);
  }

  demandEthernet(found.linkType);
  return found;
}

function demandContent({start, end, where}: Block, bytes: number): void {
  if (end - start < bytes) {
    throw new CaptureError(`${where} has ${end - start} bytes of content, and needs ${bytes}`);
  }
}

function viewOf(file: Uint8Array): DataView {
  return new DataView(file.buffer, file.byteOffset, file.byteLength);
}

import {
  type ForwardingImage,
  type ImageContent,
  imageBytes,
  openImage,
  type ServerEntry,
  writeImage,
  writeServer,
} from '@tacoplex/leveling';

/** Two forwarding images and the words that say which one counts; shared by both threads. */
export type ImageMemory = {
  readonly images: readonly [SharedArrayBuffer, SharedArrayBuffer];
  /** 2 x int32: the image in force, 0 or 1; the image being read + 1, 0: none. */
  readonly words: SharedArrayBuffer;
};

/** Which of the two images. */
export type Side = 0 | 1;

const inForce = 0;
const beingRead = 1;

export function createImageMemory(): ImageMemory {
  return {
    images: [new SharedArrayBuffer(imageBytes), new SharedArrayBuffer(imageBytes)],
    words: new SharedArrayBuffer(8),
  };
}

/**
 * The frame loop's end. Between `enter` and `leave` the image it was given does not change, but for the MAC addresses
 * that the loop's own thread writes.
 *
 * A hazard pointer: the reader publishes which image it is about to read, and looks again whether that one is still in
 * force. The writer flips first and then waits until the other one is not being read. Neither ever waits for a lock, and
 * a reader that is stopped in the middle of a frame for as long as you like still reads what it began to read.
 */
export class ImageReader {
  /** Of the image given out last. */
  side: Side = 0;
  readonly #images: readonly [ForwardingImage, ForwardingImage];
  readonly #words: Int32Array;

  constructor({images, words}: ImageMemory) {
    this.#images = [openImage(images[0]), openImage(images[1])];
    this.#words = new Int32Array(words);
  }

  enter(): ForwardingImage {
    for (;;) {
      const side = Atomics.load(this.#words, inForce) as Side;
      Atomics.store(this.#words, beingRead, side + 1);
      if (Atomics.load(this.#words, inForce) === side) {
        this.side = side;
        return this.#images[side];
      }
    }
  }

  leave(): void {
    Atomics.store(this.#words, beingRead, 0);
  }

  /**
   * Tell both images what is known of a server. Only the thread that reads them may: no frame of its own is under way
   * then, so six bytes need no lock. What is written while the other thread fills the spare image may be lost there,
   * which is why everything known is told again after each flip.
   */
  tellServer(server: ServerEntry): void {
    for (const image of this.#images) {
      writeServer(image, server);
    }
  }
}

/** The end that brings new images. */
export class ImageWriter {
  readonly #memory: ImageMemory;
  readonly #words: Int32Array;

  constructor(memory: ImageMemory) {
    this.#memory = memory;
    this.#words = new Int32Array(memory.words);
  }

  get inForce(): Side {
    return Atomics.load(this.#words, inForce) as Side;
  }

  /** Whether a frame is still being decided by the image that is not in force. */
  get isSpareBeingRead(): boolean {
    return Atomics.load(this.#words, beingRead) === 2 - this.inForce;
  }

  /**
   * Write the spare image and put it in force; the next frame follows it.
   *
   * @throws RangeError if the content breaks a limit; then nothing has changed
   */
  install(content: ImageContent): void {
    const spare = 1 - this.inForce;
    writeImage(this.#memory.images[spare as Side], content);
    Atomics.store(this.#words, inForce, spare);
  }
}

/** The part of npm cap 0.2.1 that is used here; it brings no types of its own. */
declare module 'cap' {
  class Cap {
    /** Throws a string-like Error from libpcap. The object must never be opened again, nor collected, once it did. */
    open(device: string, filter: string, bufferBytes: number, frame: Uint8Array): string;
    /** Blocks for no longer than the device's queue takes. Throws; crashes before `open` and after `close`. */
    send(frame: Uint8Array, lengthBytes: number): void;
    close(): boolean;
    on(event: 'packet', listener: (lengthBytes: number, truncated: boolean) => void): this;
  }

  const addon: {readonly Cap: typeof Cap};
  export default addon;
}

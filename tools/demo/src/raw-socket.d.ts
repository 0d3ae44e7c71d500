/** The part of npm raw-socket 1.8.1 that is used here. */
declare module 'raw-socket' {
  import type {EventEmitter} from 'node:events';

  interface Socket extends EventEmitter {
    send(
      buffer: Buffer,
      offset: number,
      length: number,
      address: string,
      callback: (error: Error | null, bytes: number) => void,
    ): void;
    close(): void;
  }

  const raw: {
    readonly Protocol: {readonly ICMP: number};
    createSocket(options: {protocol: number; bufferSize: number}): Socket;
    createChecksum(buffer: Buffer): number;
    writeChecksum(buffer: Buffer, offset: number, checksum: number): Buffer;
  };
  export default raw;
}

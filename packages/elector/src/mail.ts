import {createHash} from 'node:crypto';
import {promisify} from 'node:util';
import {deflateRaw, inflateRaw} from 'node:zlib';
import {
  BeatRecall,
  type Body,
  decodeDatagram,
  decodeMessage,
  encodeDatagram,
  encodeMessage,
  pieceBytes,
  type Unread,
} from '@tacoplex/datagrams';
import {
  type About,
  Assembler,
  type Beat,
  type Drop,
  type Echo,
  type Header,
  type Message,
  type Net,
  nets,
  Outbox,
  type Piece,
} from '@tacoplex/election';
import type {IpAddress, LevelerId} from '@tacoplex/vocabulary';
import {clusterTag} from './cluster-tag.ts';
import type {Envelopes, Unopened} from './envelope.ts';
import {FloodGate} from './flood-gate.ts';

const deflate = promisify(deflateRaw);
const inflate = promisify(inflateRaw);

/** No state is larger when it is inflated. */
const mostInflatedBytes = 16_777_216;

/** Why a datagram changed nothing. */
export type Loss = Unopened | Unread | Drop | 'over-limit' | 'unsendable';

/** One net's socket. */
export type Wire = {send(datagram: Uint8Array, to?: IpAddress): void};

/** Who this is, on which wires, and what to do with what comes. */
export type MailOptions = {
  readonly id: LevelerId;
  readonly nonce: string;
  readonly cluster: string;
  readonly envelopes: Envelopes;
  readonly wires: Readonly<Record<Net, Wire>>;
  readonly now: () => number;
  readonly onHeard: (net: Net, header: Header, body: Body) => void;
  /** A message that came in pieces, whole. */
  readonly onTold: (from: LevelerId, message: Message) => void;
  readonly onLost: (loss: Loss) => void;
};

/** Where another leveler is, and what was last heard of it. */
export type Recipient = {readonly id: LevelerId; readonly about: About | undefined; readonly echo: Echo | undefined};

/** Signs, numbers and sends what the election says; opens and reads what comes; cuts and joins what is too large. */
export class Mail {
  readonly #options: MailOptions;
  readonly #tag: Uint8Array;
  readonly #outbox = new Outbox();
  readonly #assembler = new Assembler();
  readonly #gate: FloodGate;
  readonly #recall = new BeatRecall();
  #sequence = 0;

  constructor(options: MailOptions) {
    this.#options = options;
    this.#gate = new FloodGate(options.now());
    this.#tag = clusterTag(options.cluster);
  }

  /** To everybody, on both nets. */
  multicast(beat: Beat): void {
    const {wires} = this.#options;
    // One right behind the other, so that whoever is woken by the first finds both
    const sealed = nets.map(net => [net, this.#seal(net, undefined, beat)] as const);
    for (const [net, datagram] of sealed) {
      wires[net].send(datagram);
    }
  }

  /** To one leveler: on both nets if it fits in a datagram, else in pieces. */
  send(to: Recipient, message: Message): void {
    const encoded = encodeMessage(message);
    if (encoded.length <= pieceBytes) {
      for (const net of nets) {
        this.#post(to, net, this.#seal(net, to, message));
      }

      return;
    }

    deflate(encoded, {level: 1}).then(
      bytes => this.#sendLarge(to, bytes),
      () => this.#options.onLost('unsendable'),
    );
  }

  /** One datagram has come. @returns whether it is authentic */
  take(net: Net, datagram: Buffer, source: IpAddress): boolean {
    const {envelopes, now, onHeard, onLost} = this.#options;
    if (!this.#gate.admitsSource(net, source, envelopes.claimedSender(datagram), now())) {
      onLost('over-limit');
      return false;
    }

    const opened = envelopes.open(datagram);
    if (typeof opened === 'string') {
      onLost(opened);
      return false;
    }

    if (!this.#gate.admitsSender(net, source, opened.sender, now())) {
      onLost('over-limit');
      return true;
    }

    const read = decodeDatagram(this.#tag, opened.sender, opened.message, this.#recall);
    if (typeof read === 'string') {
      onLost(read);
    } else {
      onHeard(net, read.header, read.body);
    }

    return true;
  }

  /** A piece that the election has found fresh. */
  takePiece(from: Recipient, piece: Piece): void {
    if (piece.kind === 'missing') {
      this.#sendPieces(from, this.#outbox.take(piece, this.#options.now()));
      return;
    }

    const whole = this.#assembler.take(from.id, piece, this.#options.now());
    if (whole !== undefined) {
      this.#readLarge(from.id, whole);
    }
  }

  /** Ask again for pieces that did not come. To be called every few milliseconds while `isWaiting`. */
  chase(recipientOf: (id: LevelerId) => Recipient): void {
    for (const {to, missing} of this.#assembler.ask(this.#options.now())) {
      this.#sendPieces(recipientOf(to), [missing]);
    }
  }

  get isWaiting(): boolean {
    return this.#assembler.isBusy;
  }

  #sendLarge(to: Recipient, bytes: Buffer): void {
    const name = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
    try {
      this.#sendPieces(to, this.#outbox.put({name, bytes}, pieceBytes, this.#options.now()));
    } catch (error) {
      if (!(error instanceof RangeError)) {
        throw error;
      }

      this.#options.onLost('unsendable');
    }
  }

  /** One after the other on alternate nets: a lost one is asked for again. */
  #sendPieces(to: Recipient, pieces: readonly Piece[]): void {
    for (const piece of pieces) {
      const net = this.#sequence % 2 === 0 ? 'a' : 'b';
      this.#post(to, net, this.#seal(net, to, piece));
    }
  }

  #readLarge(from: LevelerId, bytes: Uint8Array): void {
    const {onTold, onLost} = this.#options;
    inflate(bytes, {maxOutputLength: mostInflatedBytes}).then(
      inflated => {
        const message = readOrUndefined(inflated);
        if (message === undefined) {
          onLost('malformed');
        } else {
          onTold(from, message);
        }
      },
      () => onLost('malformed'),
    );
  }

  #seal(net: Net, to: Recipient | undefined, body: Body): Buffer {
    const {id, nonce, envelopes} = this.#options;
    const header = {nonce, sequence: ++this.#sequence, net, to: to?.id, echo: to?.echo};
    return envelopes.seal(id, encodeDatagram(this.#tag, header, body));
  }

  #post({about}: Recipient, net: Net, datagram: Uint8Array): void {
    const place = net === 'a' ? about?.a : about?.b;
    if (place !== undefined) {
      this.#options.wires[net].send(datagram, place.address);
    }
  }
}

function readOrUndefined(bytes: Uint8Array): Message | undefined {
  try {
    return decodeMessage(bytes);
  } catch {
    return undefined; // Counted by the caller
  }
}

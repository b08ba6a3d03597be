/**
 * One keep-alive connection with one request in flight, on a bare socket: the client must cost less than the server.
 * Knows as much HTTP as an answer needs: status, Content-Length, chunks.
 */
import net from 'node:net';

export interface Answered {
  /** An answer is whole; the next request may be sent. */
  (status: number, bytes: Buffer): void;
}

const headEnd = Buffer.from('\r\n\r\n');
const lengthNames = [Buffer.from('Content-Length: '), Buffer.from('content-length: ')];
const lastChunk = Buffer.from('0\r\n\r\n');
const zero = 0x30;

export class LoadConnection {
  readonly #socket: net.Socket;
  readonly #answered: Answered;
  /** Bytes of an answer that came in pieces. */
  #pieces: Buffer[] = [];
  /** Bytes of the body still to come; -1 while the head is not whole, -2 where it comes in chunks. */
  #left = -1;
  #status = 0;
  /** The last bytes of a chunked body, to see its end across pieces. */
  #tail: Buffer = Buffer.alloc(0);

  constructor(socket: net.Socket, answered: Answered) {
    this.#socket = socket;
    this.#answered = answered;
    socket.on('data', chunk => this.#read(chunk as Buffer));
  }

  send(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  close(): void {
    this.#socket.removeAllListeners('close');
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    if (this.#left >= 0) return this.#body(chunk.length, chunk);
    if (this.#left === -2) return this.#chunks(chunk, chunk);
    const bytes = this.#pieces.length === 0 ? chunk : Buffer.concat([...this.#pieces, chunk]);
    const end = bytes.indexOf(headEnd);
    this.#pieces = end < 0 ? [bytes] : [];
    if (end < 0) return;
    this.#status = ((bytes[9] ?? 0) - zero) * 100 + ((bytes[10] ?? 0) - zero) * 10 + ((bytes[11] ?? 0) - zero);
    this.#left = this.#status === 204 ? 0 : lengthOf(bytes, end);
    if (this.#left === -2) this.#chunks(bytes.subarray(end + 4), bytes);
    else this.#body(bytes.length - end - 4, bytes);
  }

  #body(count: number, bytes: Buffer): void {
    this.#left -= count;
    if (this.#left === 0) this.#done(bytes);
  }

  #chunks(part: Buffer, bytes: Buffer): void {
    this.#tail = Buffer.concat([this.#tail, part]).subarray(-lastChunk.length);
    if (this.#tail.equals(lastChunk)) this.#done(bytes);
  }

  #done(bytes: Buffer): void {
    this.#left = -1;
    this.#tail = Buffer.alloc(0);
    this.#answered(this.#status, bytes);
  }
}

/** -2 where the head tells none: then the body comes in chunks. */
const lengthOf = (bytes: Buffer, end: number): number => {
  for (const name of lengthNames) {
    const at = bytes.indexOf(name);
    if (at < 0 || at > end) continue;
    let length = 0;
    for (let index = at + name.length; (bytes[index] ?? 0) >= zero; index++)
      length = length * 10 + (bytes[index] ?? 0) - zero;
    return length;
  }
  return -2;
};

export const openConnection = (host: string, port: number): Promise<net.Socket> =>
  new Promise((done, failed) => {
    const socket = net.connect({ host, port, noDelay: true });
    socket.once('error', failed);
    socket.once('connect', () => done(socket));
  });

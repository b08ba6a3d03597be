/**
 * A connection that has become a WebSocket: sends the messages of one stream at the pace of the client, answers pings,
 * and closes as RFC 6455 §7 asks. Promises: a client that is silent for two pings, takes nothing for `writeStallMs`, or
 * does not close its side after ours is ended; the source is told when nobody listens any more.
 */
import type { SocketMessage } from '@coffer/schema/row.ts';
import { originOf } from '../../platform/net/origin.ts';
import { batchWrites, drained, limitStall, type Socket } from '../../platform/net/socket.ts';
import { asBuffer } from '../answer.ts';
import type { Timed } from '../members.ts';
import type { Shared } from '../shared.ts';
import { closePayload, type Frame, FrameReader, frameHead, type Opcode, opcodes } from './frames.ts';

export interface SessionStream {
  readonly messages: AsyncIterable<SocketMessage>;
  readonly cut: AbortSignal | undefined;
  /** What the client sent after its handshake. */
  readonly ahead: Buffer;
}

const pingEveryMs = 30_000;
const goingAway = 1001;
const serverError = 1011;

export class Session implements Timed {
  readonly origin: string;
  readonly isIdle = false;
  readonly waitsForClient = false;
  deadline: number;
  readonly #socket: Socket;
  readonly #shared: Shared;
  readonly #source: AsyncIterator<SocketMessage>;
  readonly #cut: AbortSignal | undefined;
  readonly #reader = new FrameReader();
  #isClosing = false;
  #isGone = false;
  /** Nothing came since the last ping. */
  #isSilent = false;

  constructor(socket: Socket, shared: Shared, stream: SessionStream) {
    this.#socket = socket;
    this.#shared = shared;
    this.#source = stream.messages[Symbol.asyncIterator]();
    this.#cut = stream.cut;
    this.origin = originOf(socket);
    this.deadline = shared.sweep.in(pingEveryMs);
    shared.sweep.members.add(this);
    socket.on('data', this.#onData);
    socket.on('end', this.#onGone);
    socket.on('error', this.#onGone);
    socket.on('close', this.#onGone);
    this.#cut?.addEventListener('abort', this.#onCut);
    if (stream.ahead.length > 0) this.#onData(stream.ahead);
    socket.resume();
    void this.#send();
  }

  expired(): void {
    if (this.#isClosing || this.#isSilent) return this.destroy();
    this.#isSilent = true;
    this.deadline = this.#shared.sweep.in(pingEveryMs);
    this.#write(opcodes.ping, Buffer.alloc(0));
  }

  close(): void {
    this.#close(goingAway, 'the server shuts down');
  }

  destroy(): void {
    this.#onGone();
  }

  async #send(): Promise<void> {
    try {
      for (let step = await this.#source.next(); step.done !== true; step = await this.#source.next()) {
        if (this.#isClosing || this.#isGone) return;
        if (step.value.kind === 'close') return this.#close(step.value.code, step.value.reason);
        this.#write(opcodes[step.value.kind], asBuffer(step.value.bytes));
        if (this.#socket.writableNeedDrain) await this.#drain();
      }
      this.#close(1000, '');
    } catch (thrown) {
      this.#shared.faults.answer(thrown);
      this.#close(serverError, 'Internal error: the stream failed');
    }
  }

  async #drain(): Promise<void> {
    limitStall(this.#socket, this.#shared.limits.writeStallMs);
    await drained(this.#socket);
    limitStall(this.#socket, 0);
  }

  #write(opcode: Opcode, payload: Buffer): void {
    if (this.#isGone) return;
    batchWrites(this.#socket);
    this.#socket.write(frameHead(opcode, payload.length));
    if (payload.length > 0) this.#socket.write(payload);
  }

  #close(code: number, reason: string): void {
    if (this.#isClosing || this.#isGone) return;
    this.#write(opcodes.close, closePayload(code, reason));
    this.#isClosing = true;
    this.deadline = this.#shared.sweep.in(this.#shared.limits.lingerMs);
    this.#stopSource();
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#isSilent = false;
    this.#reader.read(chunk, frame => this.#take(frame));
  };

  #take(frame: Frame): boolean {
    switch (frame.kind) {
      case 'ping':
        // Who pings faster than it reads gets no more of them answered.
        if (!this.#isClosing && !this.#socket.writableNeedDrain) this.#write(opcodes.pong, frame.payload);
        return true;
      case 'pong':
        return true;
      case 'close':
        this.#close(frame.code, '');
        this.#finish();
        return false;
      default:
        this.#close(frame.code, frame.reason);
        return false;
    }
  }

  /** Both sides have said that they close. */
  #finish(): void {
    this.#socket.end();
  }

  #stopSource(): void {
    this.#cut?.removeEventListener('abort', this.#onCut);
    void this.#source.return?.()?.catch(() => {});
  }

  readonly #onCut = (): void => this.destroy();

  readonly #onGone = (): void => {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#shared.sweep.members.delete(this);
    this.#stopSource();
    this.#socket.destroy();
  };
}

/**
 * One connection of the front parser: one request at a time, answered in order, the next not looked at before. What a
 * client sends ahead waits in the inbox up to a bound, then in its own socket.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import { giveBack } from '@coffer/schema/json/write.ts';
import type { SocketMessage } from '@coffer/schema/row.ts';
import type { Peer, WireAnswer } from '../contracts/wire.ts';
import { originOf } from '../platform/net/origin.ts';
import { batchWrites, limitStall, peerOf, type Socket } from '../platform/net/socket.ts';
import { abandon } from './abandon.ts';
import { type Framing, wholeAnswer } from './answer.ts';
import { type BodySource, IncomingBody } from './body.ts';
import { writeChunked } from './chunked.ts';
import { CR, LF } from './grammar.ts';
import { Head } from './head.ts';
import { Inbox } from './inbox.ts';
import { never, type Timed, watched } from './members.ts';
import { refusal } from './refusal.ts';
import { FrontRequest } from './request.ts';
import { scanHead } from './scan.ts';
import type { Shared } from './shared.ts';
import { acceptance } from './websocket/handshake.ts';
import { Session } from './websocket/session.ts';

type State = 'head' | 'answering' | 'draining' | 'stalled' | 'lingering' | 'gone';

export class Connection implements BodySource, Timed {
  readonly inbox = new Inbox();
  readonly origin: string;
  deadline: number;
  readonly #socket: Socket;
  readonly #shared: Shared;
  readonly #peer: Peer;
  #state: State = 'head';
  #head: Head | undefined;
  #incoming: IncomingBody | undefined;
  /** Bytes of an unfinished head that were looked through for its end, counted from the start of the inbox. */
  #sought = 0;
  /** The time for a head runs: for the first one from the start, or a silent client would hold its connection for nothing. */
  #isRequestBegun = true;
  #isInputEnded = false;
  #isTooLate = false;
  /** The answer goes on until somebody ends it: who closes its side wants no more of it. */
  #goesOn = false;
  /** When the request being answered has taken too long. */
  #answerBy = never;
  #lingered = 0;

  constructor(socket: Socket, shared: Shared) {
    this.#socket = socket;
    this.#shared = shared;
    this.#peer = peerOf(socket);
    this.origin = originOf(socket);
    this.deadline = shared.sweep.in(shared.limits.headerReadMs);
    shared.sweep.members.add(this);
    socket.on('data', this.#onData);
    socket.on('end', this.#onEnd);
    socket.on('drain', this.#onDrain);
    socket.on('error', this.#onGone);
    socket.on('close', this.#onGone);
  }

  get isIdle(): boolean {
    return this.#state === 'head' && this.inbox.length === 0;
  }

  get waitsForClient(): boolean {
    return this.#state !== 'answering' || (this.#incoming?.unread ?? 0) > this.inbox.length;
  }

  close(): void {
    this.#linger();
  }

  destroy(): void {
    this.#socket.destroy();
    this.#onGone();
  }

  wanted(): void {
    this.#socket.resume();
  }

  flows(isAwaited: boolean): void {
    this.#answerBy = never;
    this.deadline = isAwaited ? this.#shared.sweep.in(this.#shared.limits.requestReadMs) : never;
  }

  expired(): void {
    this.deadline = never;
    if (this.#state === 'answering') return this.#late();
    if (this.#state !== 'head' || this.inbox.length === 0) return this.destroy();
    this.#refuse(408, 'the request took too long to arrive');
  }

  /** The last answer of the connection: the one that comes too late has nowhere to go. */
  #late(): void {
    this.#isTooLate = true;
    const { deadline } = this.#shared;
    if (this.#incoming === undefined || this.#incoming.unread === 0)
      return deadline === undefined ? this.destroy() : this.#answer(deadline.late());
    this.#incoming.fail(new CofferError('request_timeout', 'the request body took too long to arrive'));
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#state === 'lingering') return this.#dropped(chunk.length);
    this.inbox.append(chunk);
    if (this.#state === 'head') return this.#advance();
    if (this.#incoming !== undefined && this.#incoming.unread > 0) this.#feed(this.#incoming);
    if (this.#isAhead) this.#socket.pause();
  };

  /** More has come than belongs to the request being answered. */
  get #isAhead(): boolean {
    return this.#state !== 'head' && this.inbox.length > this.#shared.limits.heldBytes;
  }

  #feed(incoming: IncomingBody): void {
    incoming.pump();
    if (this.#state === 'draining') this.#drain();
    else if (incoming.unread === 0) this.deadline = this.#answerBy;
  }

  /** Reads the next head, if it is all there. */
  #advance(): void {
    const { inbox } = this;
    if (this.#sought > 0 && !this.#mayBeWhole()) return;
    const head = new Head(inbox.bytes);
    const verdict = scanHead(head, inbox, this.#shared.limits);
    if (verdict === 'whole') return this.#begin(head);
    if (verdict === 'foreign') return this.#handOver();
    if (verdict === 'refused') return this.#refuse(head.faultStatus, head.fault);
    this.#sought = inbox.length;
    if (this.#isRequestBegun) return;
    this.#isRequestBegun = true;
    this.deadline = this.#shared.sweep.in(this.#shared.limits.headerReadMs);
  }

  /** Looks only at what is new: whether it may end the head, breaks the rules, or is too much. */
  #mayBeWhole(): boolean {
    const { bytes, start, end } = this.inbox;
    const from = start + this.#sought;
    this.#sought = end - start;
    if (this.#sought > this.#shared.limits.headBytes) return true;
    for (let at = bytes.indexOf(LF, from); at >= 0 && at < end; at = bytes.indexOf(LF, at + 1)) {
      if (bytes[at - 1] !== CR || (bytes[at - 2] === LF && at - 3 >= start)) return true;
    }
    return false;
  }

  #begin(head: Head): void {
    const { inbox } = this;
    inbox.start = head.end;
    this.#sought = 0;
    this.#isRequestBegun = false;
    this.#head = head;
    this.#state = 'answering';
    this.#incoming = head.contentLength === 0 ? undefined : new IncomingBody(head.contentLength, this);
    const isWaiting = inbox.length < head.contentLength;
    const { deadline, limits, sweep } = this.#shared;
    this.#answerBy = deadline === undefined ? never : sweep.in(deadline.seconds * 1000);
    this.deadline = isWaiting ? Math.min(this.#answerBy, sweep.in(limits.requestReadMs)) : this.#answerBy;
    if (!isWaiting && inbox.length > this.#shared.limits.heldBytes) this.#socket.pause();
    try {
      this.#shared.handle(new FrontRequest(head, this.#peer, this.#incoming)).then(this.#answer, this.#failed);
    } catch (thrown) {
      this.#failed(thrown);
    }
  }

  readonly #failed = (thrown: unknown): void => this.#answer(this.#shared.faults.answer(thrown));

  readonly #answer = (answer: WireAnswer): void => {
    if (this.#state !== 'answering') return abandon(answer);
    if (answer.messages !== undefined) return this.#become(answer, answer.messages);
    this.#answerBy = never;
    const close = this.#isLast();
    const bodyless = this.#head?.method === 'HEAD';
    const framing = { close, bodyless, dateLine: this.#shared.dateLine.get() };
    if (this.inbox.length > 0) batchWrites(this.#socket);
    try {
      if (answer.body === undefined || answer.body instanceof Uint8Array) this.#send(answer, framing);
      else return this.#stream(answer, framing);
    } catch (thrown) {
      this.#write(wholeAnswer(this.#shared.faults.answer(thrown), framing));
    }
    this.#answered(close);
  };

  /** From here on the connection is a WebSocket. */
  #become(answer: WireAnswer, messages: AsyncIterable<SocketMessage>): void {
    if (this.#head === undefined || this.#isInputEnded) {
      abandon(answer);
      return this.destroy();
    }
    const head = this.#accepted(this.#head, answer);
    if (head === undefined) return abandon(answer);
    this.#socket.write(head, 'latin1');
    this.#detach();
    void new Session(this.#socket, this.#shared, { messages, cut: answer.cut, ahead: this.inbox.take() });
  }

  #accepted(head: Head, answer: WireAnswer): string | undefined {
    try {
      return acceptance(head, answer, this.#shared.dateLine.get());
    } catch (thrown) {
      this.#failed(thrown);
      return undefined;
    }
  }

  #isLast(): boolean {
    const unread = this.#incoming?.unread ?? 0;
    if (this.#head?.close === true || this.#shared.closing || this.#isTooLate || this.#isInputEnded) return true;
    return unread > this.inbox.length + this.#shared.limits.drainBytes;
  }

  #send(answer: WireAnswer, framing: Framing): void {
    // What waits for others to leave together would keep the room.
    const room = this.inbox.length > 0 || this.#socket.writableLength > 0 ? undefined : this.#shared.room;
    const buffers = wholeAnswer(answer, framing, room);
    const [first] = buffers;
    if (buffers.length === 1 && answer.isTransient === true) giveBack(answer.body as Uint8Array);
    this.#write(buffers);
    if (first !== undefined) room?.left(first, this.#socket);
  }

  #write(buffers: readonly Buffer[]): void {
    if (buffers.length > 1) batchWrites(this.#socket);
    for (const buffer of buffers) this.#socket.write(buffer);
  }

  #stream(answer: WireAnswer, framing: Framing): void {
    this.#goesOn = answer.cut !== undefined;
    if (this.#goesOn && this.#isInputEnded) {
      abandon(answer);
      return this.destroy();
    }
    if ((this.#incoming?.unread ?? 0) === 0) this.deadline = never;
    const stallMs = this.#shared.limits.writeStallMs;
    writeChunked(this.#socket, answer, { ...framing, stallMs }).then(
      () => this.#answered(framing.close),
      (thrown: unknown) => {
        this.#shared.faults.answer(thrown);
        this.destroy();
      },
    );
  }

  #answered(close: boolean): void {
    if (this.#state !== 'answering') return;
    this.#goesOn = false;
    if (close || this.#shared.closing) return this.#linger();
    this.#incoming?.discard();
    this.#state = 'draining';
    this.#drain();
  }

  /** Drops what nobody read of a body, then goes on with the next request. */
  #drain(): void {
    this.#incoming?.pump();
    if (this.#incoming !== undefined && this.#incoming.unread > 0) return this.wanted();
    this.#incoming = undefined;
    this.#head = undefined;
    if (!this.#socket.writableNeedDrain) return this.#next();
    this.#state = 'stalled';
    this.deadline = watched;
    limitStall(this.#socket, this.#shared.limits.writeStallMs);
  }

  #next(): void {
    this.#state = 'head';
    this.deadline = this.#shared.sweep.in(this.#shared.limits.idleMs);
    if (this.inbox.length > 0) this.#advance();
    if (this.#state !== 'head') return;
    if (this.#isInputEnded) this.#linger();
    else if (this.#socket.isPaused()) this.#socket.resume();
  }

  readonly #onDrain = (): void => {
    if (this.#state !== 'stalled') return;
    limitStall(this.#socket, 0);
    this.#next();
  };

  readonly #onEnd = (): void => {
    this.#isInputEnded = true;
    if (this.#goesOn) return this.destroy();
    this.#incoming?.fail(new CofferError('request_timeout', 'the connection ended before the request body'));
    if (this.#state === 'head' || this.#state === 'draining') this.#linger();
  };

  #refuse(status: number, message: string): void {
    const framing = { close: true, bodyless: false, dateLine: this.#shared.dateLine.get() };
    this.#write(wholeAnswer(refusal(status, message), framing));
    this.#linger();
  }

  /** Ends our side and reads on for a while: closing at once would reset the connection under the last answer. */
  #linger(): void {
    if (this.#state === 'lingering' || this.#state === 'gone') return;
    this.#state = 'lingering';
    this.deadline = watched;
    this.#incoming = undefined;
    this.inbox.take();
    limitStall(this.#socket, this.#shared.limits.writeStallMs);
    this.#socket.end(this.#onFlushed);
    this.#socket.resume();
  }

  readonly #onFlushed = (): void => {
    this.deadline = this.#shared.sweep.in(this.#shared.limits.lingerMs);
  };

  #dropped(count: number): void {
    this.#lingered += count;
    if (this.#lingered > this.#shared.limits.drainBytes) this.destroy();
  }

  #handOver(): void {
    this.#detach();
    this.#shared.handOver(this.#socket, this.inbox.take());
  }

  #detach(): void {
    this.#state = 'gone';
    this.#shared.sweep.members.delete(this);
    this.#socket.removeListener('data', this.#onData);
    this.#socket.removeListener('end', this.#onEnd);
    this.#socket.removeListener('drain', this.#onDrain);
    this.#socket.removeListener('error', this.#onGone);
    this.#socket.removeListener('close', this.#onGone);
  }

  readonly #onGone = (): void => {
    if (this.#state === 'gone') return;
    this.#state = 'gone';
    this.#shared.sweep.members.delete(this);
    this.#incoming?.fail(new CofferError('request_timeout', 'the connection ended before the request body'));
    this.#socket.destroy();
  };
}

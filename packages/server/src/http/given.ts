/** A connection that the general HTTP server answers: watched here for its deadlines and for the listener's end. */
import type { WireAnswer } from '../contracts/wire.ts';
import type { Watch } from '../platform/net/general.ts';
import { originOf } from '../platform/net/origin.ts';
import type { Socket } from '../platform/net/socket.ts';
import type { Shared } from './shared.ts';
import { never, type Timed } from './members.ts';
import { refusal } from './refusal.ts';

export class GivenConnection implements Timed, Watch {
  readonly origin: string;
  readonly isIdle = false;
  waitsForClient = true;
  deadline: number;
  readonly #socket: Socket;
  readonly #shared: Shared;

  constructor(socket: Socket, shared: Shared) {
    this.#socket = socket;
    this.#shared = shared;
    this.origin = originOf(socket);
    this.deadline = shared.sweep.in(shared.limits.requestReadMs);
    shared.sweep.members.add(this);
    socket.on('close', () => shared.sweep.members.delete(this));
  }

  readonly arrived = (): void => {
    this.deadline = never;
    this.waitsForClient = false;
  };

  flows(isAwaited: boolean): void {
    this.deadline = isAwaited ? this.#shared.sweep.in(this.#shared.limits.requestReadMs) : never;
  }

  failed(thrown: unknown): WireAnswer {
    return this.#shared.faults.answer(thrown);
  }

  refused(): WireAnswer {
    return refusal(400, 'malformed request');
  }

  expired(): void {
    this.destroy();
  }

  close(): void {
    this.destroy();
  }

  destroy(): void {
    this.#shared.sweep.members.delete(this);
    this.#socket.destroy();
  }
}

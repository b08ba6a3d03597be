/**
 * Connections whose TLS is not negotiated yet: they count, and make room, like any other. The finished connection is
 * another object than the one that was accepted, so the client's address and port tell which belongs to which.
 */
import type { Socket } from '../platform/net/socket.ts';
import { originOf } from '../platform/net/origin.ts';
import type { Members, Timed } from './members.ts';
import type { Sweep } from './sweep.ts';

class Handshake implements Timed {
  readonly origin: string;
  readonly isIdle = false;
  readonly waitsForClient = true;
  deadline: number;
  readonly #socket: Socket;
  readonly #members: Members;

  constructor(socket: Socket, sweep: Sweep, limitMs: number) {
    this.origin = originOf(socket);
    this.deadline = sweep.in(limitMs);
    this.#socket = socket;
    this.#members = sweep.members;
    this.#members.add(this);
  }

  expired(): void {
    this.destroy();
  }

  close(): void {
    this.destroy();
  }

  destroy(): void {
    this.left();
    this.#socket.destroy();
  }

  left(): void {
    this.#members.delete(this);
  }
}

export class Handshakes {
  readonly #sweep: Sweep;
  readonly #limitMs: number;
  readonly #begun = new Map<string, Handshake>();

  constructor(sweep: Sweep, limitMs: number) {
    this.#sweep = sweep;
    this.#limitMs = limitMs;
  }

  begin(socket: Socket): void {
    const key = keyOf(socket);
    if (key === undefined) return;
    const handshake = new Handshake(socket, this.#sweep, this.#limitMs);
    this.#begun.set(key, handshake);
    socket.on('close', () => {
      handshake.left();
      if (this.#begun.get(key) === handshake) this.#begun.delete(key);
    });
  }

  /** `socket` is the negotiated connection. */
  finish(socket: Socket): void {
    const key = keyOf(socket);
    if (key === undefined) return;
    this.#begun.get(key)?.left();
    this.#begun.delete(key);
  }
}

/** Clients of a unix socket have none; they are few, and let in by the socket's mode. */
const keyOf = ({ remoteAddress, remotePort }: Socket): string | undefined =>
  remotePort === undefined ? undefined : `${remoteAddress} ${remotePort}`;

/**
 * Who may connect. Promises: silent connections shut out nobody. Where a bound is reached, those that wait for their
 * client make room, the ones whose time would end first before the others: connections that never asked for anything,
 * then slow requests, then those that were idle longest. One that waits for the server is left alone.
 */
import type { Clock } from '../contracts/clock.ts';
import type { Log } from '../contracts/log.ts';
import type { HttpLimits } from './limits.ts';
import type { Members, Timed } from './members.ts';

/** Of a bound, the share that goes at once: looking for them costs a pass over all members, which many newcomers share. */
const roomShare = 1 / 64;
const toldEveryMs = 60_000;

interface Telling {
  readonly clock: Clock;
  readonly log: Log;
}

export class Admission {
  readonly #members: Members;
  readonly #limits: HttpLimits;
  readonly #clock: Clock;
  readonly #log: Log;
  #toldAtMs = Number.NEGATIVE_INFINITY;

  constructor(members: Members, limits: HttpLimits, { clock, log }: Telling) {
    this.#members = members;
    this.#limits = limits;
    this.#clock = clock;
    this.#log = log;
  }

  /** Whether one more may come from there; others may have gone for it. */
  admits(origin: string): boolean {
    const { connections, connectionsPerAddress } = this.#limits;
    const isCrowded = origin !== '' && this.#members.countOf(origin) >= connectionsPerAddress;
    if (isCrowded && !this.#makeRoom(connectionsPerAddress, member => member.origin === origin)) return false;
    return this.#members.size < connections || this.#makeRoom(connections, () => true);
  }

  #makeRoom(bound: number, mayGo: (member: Timed) => boolean): boolean {
    const waiting = [...this.#members].filter(member => member.waitsForClient && mayGo(member));
    waiting.sort((one, other) => one.deadline - other.deadline);
    const going = waiting.slice(0, Math.ceil(bound * roomShare));
    for (const member of going) member.destroy();
    this.#tell(bound, going.length);
    return going.length > 0;
  }

  #tell(bound: number, ended: number): void {
    const now = this.#clock.monotonic();
    if (now - this.#toldAtMs < toldEveryMs) return;
    this.#toldAtMs = now;
    this.#log.write('warn', 'too many connections: those that waited longest for their client are ended', {
      bound,
      ended,
    });
  }
}

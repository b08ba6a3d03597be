/**
 * Whether this node may serve from memory. Other nodes write to the same storage: what is held here is current only as
 * long as the node can show that it has followed all they wrote. It asks the storage for its newest revision again and
 * again. Each answer gives a lease that begins when its question was SENT, lasts `leaseMs`, and holds once everything up to
 * that revision is applied: so what is served under it is at most `leaseMs` old, however long questions, answers or this
 * process were held up. A wall clock that does not agree with the monotonic one ends it: the machine was stopped.
 *
 * Where the process owns its storage alone, it holds always.
 */
import type { Clock } from '../../contracts/clock.ts';
import type { SharedStorage } from '../../contracts/storage.ts';
import { WaitingRoom } from './waiting.ts';

export const leaseMs = 700;
export const askEveryMs = 200;
/** Questions without an answer yet. */
const questionsLimit = 4;
/** Answers whose revision is not applied yet; the oldest is of no use first. */
const answersLimit = 16;

export interface FreshnessParts {
  /** Undefined where nobody else writes to the storage. */
  readonly shared: SharedStorage | undefined;
  /** Of this machine. */
  readonly clock: Clock;
  /** The storage said what time it is: between sending the question and now. */
  readonly told?: (answer: Answer) => void;
}

/** Of one question. */
export interface Answer {
  readonly revision: number;
  readonly timeMs: number;
  /** When it was asked. */
  readonly sentAtMs: number;
  readonly sentAtWallMs: number;
}

export class Freshness {
  readonly #parts: FreshnessParts;
  readonly #waiting: WaitingRoom;
  /** Monotonic. */
  #untilMs = Infinity;
  #wallFromMs = -Infinity;
  #wallUntilMs = Infinity;
  #losses = 0;
  #applied = 0;
  #questions = 0;
  #answers: Answer[] = [];
  /** The question that those share who come while another one is out: it is sent after all of them came. */
  #next: Promise<Answer | undefined> | undefined;
  #asking: Promise<unknown> = Promise.resolve();
  #isRunning = false;
  #stopTimer: () => void = () => {};

  constructor(parts: FreshnessParts) {
    this.#parts = parts;
    this.#waiting = new WaitingRoom(parts.clock);
  }

  /** For every request: cheap. */
  holds(): boolean {
    return this.#untilMs === Infinity || this.#holdsNow();
  }

  #holdsNow(): boolean {
    const { clock } = this.#parts;
    if (clock.monotonic() >= this.#untilMs) return false;
    const wallMs = clock.now();
    return wallMs >= this.#wallFromMs && wallMs < this.#wallUntilMs;
  }

  /** How often it was lost. What was read before a loss may be old, also when it holds again. */
  get losses(): number {
    return this.#losses;
  }

  /** Whether it has held all the time since `losses` was that. */
  heldSince(losses: number): boolean {
    return losses === this.#losses && this.holds();
  }

  /** Revision up to which all that was written is applied here. */
  get applied(): number {
    return this.#applied;
  }

  /** Holds no more until the storage was asked. Resolves when it holds for the first time, or with false after `limitMs`. */
  start(limitMs: number): Promise<boolean> {
    if (this.#parts.shared === undefined) return Promise.resolve(true);
    this.#untilMs = -Infinity;
    this.#answers = [];
    this.#isRunning = true;
    this.#losses++;
    this.#askAgain();
    return this.#waiting.until(() => this.holds(), limitMs);
  }

  /** The store is sealed: there is nothing to serve. */
  stop(): void {
    this.#isRunning = false;
    this.#stopTimer();
    this.#untilMs = Infinity;
    this.#waiting.look();
  }

  /** Everything up to this revision is applied. */
  reached(revision: number): void {
    this.#applied = revision;
    if (!this.#isRunning) return;
    const at = this.#answers.findLastIndex(answer => answer.revision <= revision);
    if (at >= 0) this.#renew(this.#answers.splice(0, at + 1).at(-1) as Answer);
    this.#waiting.look();
  }

  /** Whether it holds, at the latest after `limitMs`. Asks at once: nobody has to wait for the next round. */
  whenHolds(limitMs: number): Promise<boolean> {
    if (!this.holds()) void this.#ask();
    return this.#waiting.until(() => this.holds(), limitMs);
  }

  /** Whether everything up to this revision is applied, at the latest after `limitMs`. */
  whenApplied(revision: number, limitMs: number): Promise<boolean> {
    return this.#waiting.until(() => this.#applied >= revision, limitMs);
  }

  /** Whether everything that was written before the call is applied here, at the latest some `limitMs` after it is known. */
  async catchUp(limitMs: number): Promise<boolean> {
    if (this.#parts.shared === undefined) return true;
    this.#next ??= this.#asking.then(() => {
      this.#next = undefined;
      const asking = this.#question();
      this.#asking = asking;
      return asking;
    });
    const answer = await this.#next;
    if (answer === undefined) return false;
    return this.#waiting.until(() => this.#applied >= answer.revision && this.holds(), limitMs);
  }

  #askAgain(): void {
    void this.#ask();
    this.#stopTimer();
    this.#stopTimer = this.#parts.clock.after(askEveryMs, () => {
      if (this.#isRunning) this.#askAgain();
    });
  }

  async #ask(): Promise<void> {
    if (!this.#isRunning || this.#questions >= questionsLimit) return;
    this.#questions++;
    await this.#question();
    this.#questions--;
  }

  /** Never rejects: without an answer the lease ends, which is what there is to say. */
  async #question(): Promise<Answer | undefined> {
    const { shared, clock, told } = this.#parts;
    const sent = { sentAtMs: clock.monotonic(), sentAtWallMs: clock.now() };
    const moment = await shared?.moment().catch(() => undefined);
    if (moment === undefined) return undefined;
    const answer = { ...moment, ...sent };
    told?.(answer);
    this.#take(answer);
    return answer;
  }

  #take(answer: Answer): void {
    if (!this.#isRunning) return;
    if (answer.revision > this.#applied) {
      // In the order of sending, so that the last that is applied gives the longest lease.
      this.#answers.push(answer);
      this.#answers.sort((one, other) => one.sentAtMs - other.sentAtMs);
      if (this.#answers.length > answersLimit) this.#answers.shift();
      return;
    }
    this.#renew(answer);
    this.#waiting.look();
  }

  #renew({ sentAtMs, sentAtWallMs }: Answer): void {
    const untilMs = sentAtMs + leaseMs;
    if (untilMs <= this.#untilMs) return;
    if (!this.holds()) this.#losses++;
    this.#untilMs = untilMs;
    this.#wallFromMs = sentAtWallMs;
    this.#wallUntilMs = sentAtWallMs + leaseMs;
  }
}

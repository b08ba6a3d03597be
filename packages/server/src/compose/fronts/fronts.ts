/**
 * The threads that only read, from their start to their end. The thread that writes keeps them open and closed with itself:
 * nothing is acknowledged as sealed while one of them has a key. One that ends by itself has a bug, and ends the process.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Clock } from '../../contracts/clock.ts';
import type { Logs } from '../../contracts/log.ts';
import type { Handle } from '../../contracts/wire.ts';
import type { Fronts, Opening } from '../../core/fronts/fronts.ts';
import type { SharedLedger } from '../../core/ledger/view.ts';
import type { Core } from '../../core/request/core.ts';
import { Doer } from '../../http/handover/doer.ts';
import { Calls } from '../../platform/threads/calls.ts';
import { startAsked, type Started } from '../../platform/threads/start.ts';
import type { AskedOfCore, AskedOfFront, Bound, FrontOptions, Reloaded } from './messages.ts';
import { frontThread } from './thread.ts';

type ToFront = Calls<AskedOfCore, AskedOfFront>;

export interface FrontThreadsParts {
  /** Beside the one that writes. */
  readonly count: number;
  readonly options: FrontOptions;
  readonly clock: Clock;
  readonly logs: Logs;
  readonly fatal: (reason: string) => void;
}

/** What the threads need of the one that writes, once it is there. */
export interface Behind {
  readonly core: Core;
  /** As its own listeners do requests. */
  readonly handle: Handle;
}

interface Front {
  readonly thread: Started;
  readonly calls: ToFront;
  /** Its end is wanted. */
  isEnding: boolean;
}

/** Longest that opening, sealing or a reload waits for a thread. */
const answerLimitMs = 5_000;

export class FrontThreads implements Fronts {
  readonly #parts: FrontThreadsParts;
  #fronts: readonly Front[] = [];
  /** Opening and closing, one after the other. */
  #last: Promise<void> = Promise.resolve();

  constructor(parts: FrontThreadsParts) {
    this.#parts = parts;
  }

  /** Starts them, and lets them listen where the thread that writes does. */
  async start(behind: Behind, bound: readonly Bound[]): Promise<void> {
    const { core } = behind;
    this.#fronts = Array.from({ length: this.#parts.count }, () => this.#startOne(behind));
    if (!core.seal.sealed && !core.anchor.isDoubted)
      await this.opened({ rootKey: core.barrier.copyOfRootKey(), ledger: core.anchor.sharedLedger });
    await Promise.all(this.#fronts.map(({ calls }) => calls.ask('listen', bound)));
  }

  #startOne({ core, handle }: Behind): Front {
    const { options, logs, fatal } = this.#parts;
    const thread = startAsked(frontThread, options);
    const doer = new Doer(handle, () => calls);
    const asked: AskedOfCore = {
      ...doer.asked,
      records: ({ device, records }) => core.audit.writeFrom(device, records),
      rootKey: () => core.barrier.copyOfRootKey(),
      log: ({ part, level, message, fields }) => logs.part(part).write(level, message, fields),
      counted: ({ answers, unrecorded }) => {
        core.answerCounts.merge(answers);
        core.audit.addUnrecorded(unrecorded);
        // Each has looked one up; those that were handed over are counted where they were done.
        core.tally.add('token looked up', answers.whole[0]);
      },
      fatal,
    };
    const calls: ToFront = new Calls(thread.channel, asked);
    thread.onEnd(error => {
      doer.end();
      calls.end(new CofferError('internal', 'The thread has ended.'));
      if (!front.isEnding) fatal(`a thread that takes requests ended: ${error ?? 'without an error'}`);
    });
    const front: Front = { thread, calls, isEnding: false };
    return front;
  }

  opened({ rootKey, ledger }: Opening): Promise<void> {
    return this.#inTurn(async () => {
      await this.#all(front => front.calls.ask('opened', { rootKey: rootKey.slice(), ledger }));
      rootKey.fill(0);
    });
  }

  moved(ledger: SharedLedger): void {
    for (const { calls } of this.#fronts) calls.tell('ledgerMoved', ledger);
  }

  /** One that does not say that it has forgotten the keys is ended, and all it has with it. */
  closed(): Promise<void> {
    return this.#inTurn(async () => {
      const late = await this.#all(front => front.calls.ask('closed', undefined));
      for (const front of late) await this.#endOne(front);
    });
  }

  async #endOne(front: Front): Promise<void> {
    this.#parts.logs.part('core').write('error', 'a thread that takes requests did not seal itself and was ended');
    front.isEnding = true;
    this.#fronts = this.#fronts.filter(other => other !== front);
    await front.thread.terminate();
  }

  async reload(next: Reloaded): Promise<void> {
    await this.#all(front => front.calls.ask('reload', next));
  }

  drain(): void {
    for (const { calls } of this.#fronts) calls.tell('drain', undefined);
  }

  /** Accept no more, let requests under way finish, and end. */
  async end(graceMs: number): Promise<void> {
    await Promise.all(
      this.#fronts.map(async front => {
        const { calls, thread } = front;
        front.isEnding = true;
        await calls.ask('end', graceMs).catch(() => undefined);
        await thread.terminate();
      }),
    );
    this.#fronts = [];
  }

  #inTurn(task: () => Promise<void>): Promise<void> {
    const mine = this.#last.then(task);
    this.#last = mine;
    return mine;
  }

  /** Never rejects. Who cannot do it hands everything over. Answers those who were not done in time. */
  async #all(ask: (front: Front) => Promise<unknown>): Promise<readonly Front[]> {
    const { clock, logs } = this.#parts;
    const isLate = async (front: Front): Promise<boolean> => {
      const late = Promise.withResolvers<'late'>();
      const stop = clock.after(answerLimitMs, () => late.resolve('late'));
      const outcome = await Promise.race([ask(front), late.promise]).catch((cause: unknown) => cause);
      stop();
      if (outcome instanceof CofferError)
        logs.part('core').write('warn', 'a thread that takes requests hands all of them over for now', {
          error: outcome.code,
          reason: outcome.publicMessage,
        });
      return outcome === 'late';
    };
    const fronts = this.#fronts;
    const late = await Promise.all(fronts.map(isLate));
    return fronts.filter((_, at) => late[at] === true);
  }
}

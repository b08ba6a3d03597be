/**
 * Commits one batch in one transaction of two round trips: the head row is locked and what the batch depends on is read;
 * then everything is written and committed. The lock is held until the server has synced, so that revisions become visible
 * in their order. Where a connection dies while it commits, the ids are looked up under that lock: nothing is guessed.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { CommitResult } from '../../contracts/storage.ts';
import { commitMs, commitPatienceMs, compactedAtOnce, doubtPatienceMs } from './bounds.ts';
import { checkedKeys, decide, type Facts, type Outcome, type Prepared } from './decide.ts';
import type { Answer, Step } from './driver.ts';
import { ConnectionLost, errorOf, type Failure, failureOf } from './failure.ts';
import type { HeadMark } from './head.ts';
import type { Link } from './link.ts';
import type { OwnChanges } from './own-changes.ts';
import { pause } from './retry.ts';
import type { Statements } from './statements.ts';
import { bytesArray, int8, int8Array, numberOf, textOf, type Row } from './wire.ts';

export interface WriterParts {
  readonly open: () => Promise<Link>;
  readonly statements: Statements;
  readonly channel: string;
  readonly mark: HeadMark;
  /** Acknowledged. */
  readonly own: OwnChanges;
  readonly historyLimit: number;
}

/** The transaction was sent, and nobody knows what became of it. */
class InDoubt extends Error {
  readonly failure: Failure;

  constructor(failure: Failure, cause: unknown) {
    super(failure.reason, { cause });
    this.failure = failure;
  }
}

const step = (statement: Step['statement'], ...values: Buffer[]): Step => ({ statement, values });

const bytesOf = (id: string): Buffer => Buffer.from(id, 'hex');

/** One that says so itself: callers may look for what they wrote. */
const unknownOutcome = ({ state }: Failure): CofferError =>
  new CofferError(
    'storage_failed',
    `The database went away while it committed (${state}): whether this was written is not known.`,
  );

export class Writer {
  readonly #parts: WriterParts;
  #link: Link | undefined;

  constructor(parts: WriterParts) {
    this.#parts = parts;
  }

  /** Rejects with `CofferError`. */
  async apply(commits: readonly Prepared[]): Promise<readonly CommitResult[]> {
    const began = performance.now();
    let doubt: Failure | undefined;
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#attempt(commits, doubt !== undefined);
      } catch (cause) {
        if (cause instanceof InDoubt) doubt = cause.failure;
        else if (cause instanceof CofferError && doubt === undefined) throw cause;
        const failure = cause instanceof InDoubt ? cause.failure : failureOf(cause);
        const isOver = performance.now() - began > (doubt === undefined ? commitPatienceMs : doubtPatienceMs);
        if (doubt === undefined && (isOver || !failure.passing)) throw errorOf(failure, cause);
        if (doubt !== undefined && isOver) throw unknownOutcome(doubt);
      }
      await pause(attempt);
    }
  }

  async #attempt(commits: readonly Prepared[], isDoubted: boolean): Promise<readonly CommitResult[]> {
    const link = await this.#ready();
    const facts = await this.#lock(link, commits);
    const outcome = decide(commits, facts);
    // What was found committed is answered once a commit after it has been acknowledged, by a standby too where one is awaited.
    const isWritten = outcome.made.length > 0 || facts.ids.size > 0 || isDoubted;
    const steps = isWritten ? this.#writing(outcome, facts.head) : [];
    await this.#commit(link, steps);
    for (const { revision, commit } of outcome.made) this.#parts.own.add(revision, commit.entry);
    return outcome.results;
  }

  async #ready(): Promise<Link> {
    if (this.#link === undefined || this.#link.broken) this.#link = await this.#parts.open();
    return this.#link;
  }

  async #lock(link: Link, commits: readonly Prepared[]): Promise<Facts> {
    const { begin, lock, ids, revisions } = this.#parts.statements;
    const keys = checkedKeys(commits);
    const answers = await link.run(
      [
        { statement: begin, values: [] },
        { statement: lock, values: [] },
        { statement: ids, values: [bytesArray(commits.map(({ id }) => bytesOf(id)))] },
        ...(keys.length === 0
          ? []
          : [{ statement: revisions, values: [bytesArray(keys.map(key => Buffer.from(key)))] }]),
      ],
      commitMs,
    );
    const rowsOf = (at: number): readonly Row[] => answers[at]?.rows ?? [];
    return {
      head: this.#headOf(link, rowsOf(1)[0]),
      ids: new Map(rowsOf(2).map(([id, revision]) => [id?.toString('hex') ?? '', numberOf(revision)])),
      revisions: new Map(rowsOf(3).map(([key, revision]) => [textOf(key), numberOf(revision)])),
    };
  }

  #headOf(link: Link, row: Row | undefined): number {
    try {
      const { mark } = this.#parts;
      return mark.check(row ?? [], mark.revision);
    } catch (cause) {
      link.destroy();
      throw cause;
    }
  }

  #writing({ writes, made, head }: Outcome, before: number): Step[] {
    const { put, remove, log, compact, head: move, tell } = this.#parts.statements;
    const puts = [...writes].flatMap(([key, { value, revision }]) =>
      value === undefined ? [] : [{ key, value, revision }],
    );
    const gone = [...writes].filter(([, { value }]) => value === undefined).map(([key]) => Buffer.from(key));
    return [
      ...(puts.length === 0
        ? []
        : [
            step(
              put,
              bytesArray(puts.map(({ key }) => Buffer.from(key))),
              int8Array(puts.map(({ revision }) => revision)),
              bytesArray(puts.map(({ value }) => value)),
            ),
          ]),
      ...(gone.length === 0 ? [] : [step(remove, bytesArray(gone))]),
      ...(made.length === 0
        ? []
        : [
            step(
              log,
              int8Array(made.map(({ revision }) => revision)),
              bytesArray(made.map(({ commit }) => bytesOf(commit.id))),
              bytesArray(made.map(({ commit }) => commit.entry)),
            ),
          ]),
      ...this.#compacting(before, head).map(upTo => step(compact, int8(upTo))),
      step(move, int8(head)),
      step(tell, Buffer.from(this.#parts.channel), Buffer.from(`${head}`)),
    ];
  }

  /** Many at once and seldom: each deletion has to walk past what those before it left. */
  #compacting(before: number, head: number): readonly number[] {
    const { historyLimit } = this.#parts;
    const atOnce = Math.max(1, Math.min(compactedAtOnce, Math.floor(historyLimit / 100)));
    const isDue = Math.floor(head / atOnce) > Math.floor(before / atOnce) && head > historyLimit;
    return isDue ? [head - historyLimit] : [];
  }

  async #commit(link: Link, steps: readonly Step[]): Promise<void> {
    let answers: readonly Answer[];
    try {
      answers = await link.run([...steps, { statement: this.#parts.statements.commit, values: [] }], commitMs, true);
    } catch (cause) {
      const failure = failureOf(cause);
      if (failure.undone || steps.length === 0) throw cause;
      throw new InDoubt(failure, cause);
    }
    if (answers.at(-1)?.tag === 'COMMIT') return;
    link.destroy();
    throw new ConnectionLost('ECONNRESET', 'the transaction was undone');
  }

  async close(): Promise<void> {
    await this.#link?.close();
  }
}

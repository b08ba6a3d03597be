/**
 * Verification of audit files: in the order in which they were written, line by line, against what the witness knows. Keeps
 * no more than a thousand ends of writes: the last one of a run speaks for all before it, so only that one is asked about.
 */
import { type Finding, fault, many, note } from './finding.ts';
import { headOf, markOf } from './mark.ts';
import type { AuditIo, Line, Spot } from './source.ts';
import { cutOff, type LaneSeen, Walk, type WriteEnd } from './walk.ts';
import type { KnownLane, Witness } from './witness.ts';

const runLimit = 1_000;
/** Findings that are told; the rest is counted. */
export const findingsLimit = 1_000;
const progressBytes = 268_435_456;

export interface FileSeen {
  readonly file: string;
  lines: number;
  bytes: number;
}

export interface Verified {
  readonly files: readonly FileSeen[];
  readonly records: number;
  readonly lanes: number;
  readonly findings: readonly Finding[];
  readonly faults: number;
  readonly notes: number;
  readonly witness: Witness['kind'];
  /** The newest checkpoint that was found in the files. */
  readonly until: KnownLane | undefined;
}

/** Whether anything of the files was found out: lines that belong to no chain, or to none that is kept, could be anybody's. */
export const isJudged = ({ faults, lanes, witness, until }: Verified): boolean =>
  faults > 0 || (lanes > 0 && (witness !== 'checkpoints' || until !== undefined));

export interface VerifyParts {
  readonly io: AuditIo;
  readonly witness: Witness;
  /** What comes before and after the files is not asked for. */
  readonly isPart: boolean;
  readonly progress: (text: string) => void;
}

export class Verification {
  readonly #parts: VerifyParts;
  readonly #walk: Walk;
  readonly #findings: Finding[] = [];
  readonly #foreign = new Set<string>();
  /** Lanes with a write that ends where the witness knows an end. */
  readonly #met = new Set<string>();
  #faults = 0;
  #notes = 0;
  #run: WriteEnd[] = [];
  /** Runs that are complete, and not yet asked about. */
  #runs: WriteEnd[][] = [];
  #until: KnownLane | undefined;

  constructor(parts: VerifyParts) {
    this.#parts = parts;
    this.#walk = new Walk({
      sha256: parts.io.sha256,
      tell: finding => this.#tell(finding),
      ended: end => this.#ended(end),
    });
  }

  async files(paths: readonly string[]): Promise<Verified> {
    const seen: FileSeen[] = [];
    for (const file of await this.#ordered(paths)) seen.push(await this.#file(file));
    this.#walk.end();
    this.#endRun();
    await this.#ask();
    this.#compare();
    const { kind } = this.#parts.witness;
    return {
      files: seen,
      records: this.#walk.records,
      lanes: this.#walk.lanes.size,
      findings: this.#findings,
      faults: this.#faults,
      notes: this.#notes,
      witness: kind,
      until: this.#until,
    };
  }

  async #file(file: string): Promise<FileSeen> {
    const seen = { file, lines: 0, bytes: 0 };
    this.#walk.startFile(file);
    let told = 0;
    for await (const lines of this.#parts.io.lines(file)) {
      for (const line of lines) {
        seen.lines = line.number;
        seen.bytes += line.bytes.length;
        this.#walk.line(line);
        if (!line.isEnded) this.#tell(note('torn', spotOf(file, line), 'the last line has no end'));
      }
      if (this.#runs.length > 0) await this.#ask();
      if (seen.bytes - told < progressBytes) continue;
      told = seen.bytes;
      this.#parts.progress(`${file}: ${Math.floor(told / 1_048_576)} MiB read\n`);
    }
    this.#walk.endFile();
    return seen;
  }

  /** By the place in the chain of what each begins with; those without one first, as given. */
  async #ordered(paths: readonly string[]): Promise<readonly string[]> {
    const placed: { readonly path: string; readonly place: string }[] = [];
    for (const path of new Set(paths)) placed.push({ path, place: await this.#placeOf(path) });
    return placed
      .toSorted((one, other) => (one.place < other.place ? -1 : Number(one.place > other.place)))
      .map(({ path }) => path);
  }

  async #placeOf(path: string): Promise<string> {
    for await (const lines of this.#parts.io.lines(path)) {
      for (const { bytes } of lines) {
        const head = headOf(bytes);
        const [lane, sequence] = head === undefined ? placeOfRecord(bytes) : [head.lane, head.from.sequence];
        if (lane !== '') return `${lane} ${String(sequence).padStart(16, '0')}`;
      }
    }
    return '';
  }

  #tell(finding: Finding): void {
    if (finding.isFault) this.#faults++;
    else this.#notes++;
    if (this.#findings.length < findingsLimit) this.#findings.push(finding);
  }

  #ended(end: WriteEnd): void {
    this.#hasKey(end);
    const known = this.#parts.witness.lanes.get(end.lane);
    if (known !== undefined && known.sequence === end.sequence) {
      if (known.hash !== end.hash)
        this.#tell(fault('forged', end.spot, 'the checkpoint of this record says otherwise'));
      else this.#until = known;
      this.#met.add(end.lane);
    }
    if (end.isBreak || this.#run.at(-1)?.lane !== end.lane || this.#run.length >= runLimit) this.#endRun();
    this.#run.push(end);
  }

  #endRun(): void {
    if (this.#run.length > 0 && this.#parts.witness.check !== undefined) this.#runs.push(this.#run);
    this.#run = [];
  }

  /** Records of another store are told as such, once for each lane. */
  #hasKey({ lane, spot }: WriteEnd): void {
    const { store } = this.#parts.witness;
    const head = this.#walk.lanes.get(lane)?.head;
    if (head === undefined || store === '' || head.store === store || this.#foreign.has(lane)) return;
    this.#foreign.add(lane);
    this.#tell(fault('foreign', spot, `written by another store (${head.store.slice(0, 32)})`));
  }

  async #ask(): Promise<void> {
    const runs = this.#runs.filter(run => !this.#foreign.has(run[0]?.lane ?? ''));
    this.#runs = [];
    for (let at = 0; at < runs.length; at += runLimit) {
      const some = runs.slice(at, at + runLimit);
      const made = await this.#made(some.flatMap(run => run.slice(-1)));
      for (const [index, run] of some.entries()) if (made[index] === false) await this.#locate(run);
    }
  }

  async #made(ends: readonly WriteEnd[]): Promise<readonly boolean[]> {
    const { check, lanes } = this.#parts.witness;
    const keyOf = (lane: string): number => this.#walk.lanes.get(lane)?.head?.key ?? lanes.get(lane)?.key ?? 0;
    return (await check?.(ends, keyOf)) ?? [];
  }

  async #locate(run: readonly WriteEnd[]): Promise<void> {
    const made = await this.#made(run);
    const first = run[made.indexOf(false)];
    const last = run.at(-1);
    if (first === undefined || last === undefined) return;
    const where = many('line', first.spot.line, last.spot.file === first.spot.file ? last.spot.line : first.spot.line);
    this.#tell(fault('forged', first.spot, `${where}: the store did not write this: its MAC is wrong`));
  }

  #compare(): void {
    const { witness, isPart } = this.#parts;
    const { lanes } = this.#walk;
    const newest = new Map<string, string>();
    const oldest = new Map<string, string>();
    for (const { id, known, seen } of knownOf(lanes, witness)) {
      if (!this.#foreign.has(id)) this.#reaches(seen, known);
      newest.set(known.device, later(newest.get(known.device), id));
      oldest.set(known.device, earlier(oldest.get(known.device), id));
    }
    if (isPart) return;
    const before = new Map<string, Before>();
    for (const known of witness.lanes.values())
      if (!lanes.has(known.lane)) this.#missing(known, { oldest, newest, before });
    for (const { count, first, taken } of before.values())
      this.#tell(
        note(
          'earlier',
          first,
          `${count} ${count === 1 ? 'lane' : 'lanes'}, up to ${taken}: in files that were not given`,
        ),
      );
  }

  /** An end of a write that is known stands in the file as one, or what stands there was made by another. */
  #reaches(seen: LaneSeen, { sequence, taken }: KnownLane): void {
    if (sequence > seen.closed.sequence) {
      if (!this.#parts.isPart) this.#tell(cutOff(seen, sequence));
    } else if (sequence > seen.start && !this.#met.has(seen.id))
      this.#tell(fault('forged', seen.spot, `the write that ended with record ${sequence} by ${taken} is not there`));
  }

  /** A lane that no file has, of a device that has files here. */
  #missing({ lane, device, sequence, taken }: KnownLane, { oldest, newest, before }: Range): void {
    const { lanes } = this.#walk;
    const [first, last] = [oldest.get(device), newest.get(device)];
    if (first === undefined || last === undefined || sequence === 0) return;
    const [start, spot] = [lanes.get(first)?.spot, lanes.get(last)?.spot];
    if (start === undefined || spot === undefined) return;
    if (lane < first) {
      before.set(device, { count: (before.get(device)?.count ?? 0) + 1, first: start, taken });
      return;
    }
    const kind = lane > last ? 'truncated' : 'gap';
    const text = `${many('record', 1, sequence)} of lane ${lane}, up to ${taken}, missing: cut off, or in a file that was not given`;
    this.#tell(fault(kind, spot, text));
  }
}

interface Range {
  readonly oldest: ReadonlyMap<string, string>;
  readonly newest: ReadonlyMap<string, string>;
  /** By device, what is older than the files. */
  readonly before: Map<string, Before>;
}

interface Before {
  readonly count: number;
  readonly first: Spot;
  readonly taken: string;
}

const later = (one: string | undefined, other: string): string => (one === undefined || other > one ? other : one);
const earlier = (one: string | undefined, other: string): string => (one === undefined || other < one ? other : one);

const knownOf = (lanes: ReadonlyMap<string, LaneSeen>, witness: Witness) =>
  [...lanes.keys()].flatMap(id => {
    const [known, seen] = [witness.lanes.get(id), lanes.get(id)];
    return known === undefined || seen === undefined ? [] : [{ id, known, seen }];
  });

const placeOfRecord = (bytes: Uint8Array): readonly [string, number] => {
  const mark = markOf(bytes);
  return mark === undefined ? ['', 0] : [mark.lane, mark.sequence];
};

const spotOf = (file: string, { number }: Line): Spot => ({ file, line: number, sequence: undefined, time: undefined });

/**
 * Goes through the lines of audit files and sees whether each write follows from the one before. Keeps one hash and a few
 * places, however long the files are. Without a key it shows only that the lines belong together; the ends of writes it
 * hands on are for whoever can tell who made them.
 */
import { type Finding, fault, many, note } from './finding.ts';
import { type Head, headOf, type Mark, markOf, type MarkEnd, type Reached, timeOf } from './mark.ts';
import type { Hasher, Line, Spot } from './source.ts';

export const knownVersion = 1;
/** Ends of writes of one lane that are remembered: a failed write is seldom so far back. */
const passedLimit = 1_000;

/** The end of a write, for the one who knows the keys. */
export interface WriteEnd extends Reached {
  readonly lane: string;
  readonly mac: string;
  readonly spot: Spot;
  /** What stands before it does not lead to it, so that it speaks only for what follows. */
  readonly isBreak: boolean;
}

export interface LaneSeen {
  readonly id: string;
  /** Undefined where no head was seen. */
  readonly head: Head | undefined;
  /** Where its first line here goes on from. */
  readonly start: number;
  /** The end of the last write that was seen. */
  closed: Reached;
  /** The last of these ends: the hash by the sequence. */
  readonly passed: Map<number, string>;
  /** A line that says where the chain stands does not follow from what was seen before it. */
  isBroken: boolean;
  /** Of its last record. */
  last: number;
  spot: Spot;
}

/** Lines since the last end of a write. */
interface Open {
  readonly lane: string;
  /** Undefined where it is not known what came before. */
  readonly hash: Hasher | undefined;
  readonly first: Spot;
  lastLine: number;
  records: number;
  stray: Spot | undefined;
  disorder: Spot | undefined;
  gap: readonly [from: number, to: number] | undefined;
}

export interface WalkParts {
  readonly sha256: () => Hasher;
  readonly tell: (finding: Finding) => void;
  readonly ended: (end: WriteEnd) => void;
}

export class Walk {
  readonly lanes = new Map<string, LaneSeen>();
  records = 0;
  readonly #parts: WalkParts;
  #file = '';
  #open: Open | undefined;
  #lane: LaneSeen | undefined;
  /** At the end of a file: the next one may show that no crash has left it. */
  #remains: { readonly lane: string; readonly left: Left }[] = [];
  /** Lines that are no part of any write. */
  #loose: { readonly first: Spot; count: number } | undefined;

  constructor(parts: WalkParts) {
    this.#parts = parts;
  }

  startFile(file: string): void {
    this.#file = file;
    this.#lane = undefined;
  }

  line(line: Line): void {
    const mark = line.isCut ? undefined : markOf(line.bytes);
    if (mark !== undefined) return this.#record(line, mark);
    const head = line.isCut ? undefined : headOf(line.bytes);
    if (head !== undefined) return this.#head(line, head);
    this.#other(line);
  }

  endFile(): void {
    const lane = this.#lane?.id;
    const left = [
      this.#left('the file ends before the end of this write: it was cut off by a crash, or is still under way'),
      this.#looseLeft(),
    ];
    for (const one of left)
      if (one !== undefined && lane !== undefined && !one.isUnchained) this.#remains.push({ lane, left: one });
      else if (one !== undefined) this.#parts.tell(noteOf(one));
  }

  /** There are no more files. */
  end(): void {
    for (const { left } of this.#remains) this.#parts.tell(noteOf(left));
    this.#remains = [];
  }

  #spot(line: Line, sequence?: number): Spot {
    return { file: this.#file, line: line.number, sequence, time: timeOf(line.bytes) };
  }

  #record(line: Line, mark: Mark): void {
    this.records++;
    const open = (this.#open ??= this.#begin(line, mark));
    const spot = this.#place(open, line, mark);
    open.records++;
    if (mark.end === undefined) open.hash?.update(line.bytes);
    else {
      open.hash?.update(line.bytes.subarray(0, mark.end.at));
      this.#open = undefined;
      this.#close(open, { ...mark, end: mark.end }, spot);
    }
  }

  #place(open: Open, line: Line, { lane: id, sequence }: Mark): Spot {
    open.lastLine = line.number;
    const spot = this.#spot(line, sequence);
    const lane = this.#lane;
    if (lane === undefined || open.lane !== id) open.stray ??= spot;
    else if (sequence <= lane.last) open.disorder ??= spot;
    else {
      if (sequence > lane.last + 1) open.gap ??= [lane.last + 1, sequence - 1];
      lane.last = sequence;
    }
    return spot;
  }

  #begin(line: Line, { lane: id, sequence }: Mark): Open {
    const first = this.#spot(line, sequence);
    const loose = this.#looseLeft();
    if (loose !== undefined) this.#parts.tell(loose.isUnchained ? noteOf(loose) : insertedOf(loose));
    const known = this.lanes.get(id);
    this.#lane = known ?? this.#unheaded(id, first);
    return this.#opened(this.#lane, first, known?.closed.hash);
  }

  #opened(lane: LaneSeen, first: Spot, from: string | undefined): Open {
    const hash = from === undefined ? undefined : this.#parts.sha256();
    if (from !== undefined) hash?.update(Uint8Array.fromHex(from));
    const nothing = { records: 0, stray: undefined, disorder: undefined, gap: undefined };
    return { lane: lane.id, hash, first, lastLine: first.line, ...nothing };
  }

  #unheaded(id: string, spot: Spot): LaneSeen {
    const before = (spot.sequence ?? 1) - 1;
    this.#parts.tell(
      fault(
        'truncated',
        spot,
        `the start of the lane is missing: ${before > 0 ? many('record', 1, before) : 'its first line'}, or the file that has it was not given`,
      ),
    );
    const closed = { sequence: before, hash: '' };
    const lane: LaneSeen = {
      id,
      head: undefined,
      start: before,
      closed,
      passed: new Map(),
      isBroken: true,
      last: before,
      spot,
    };
    this.lanes.set(id, lane);
    return lane;
  }

  #close(open: Open, mark: Mark & { readonly end: MarkEnd }, spot: Spot): void {
    const { hash, mac } = mark.end;
    const isWhole = open.hash?.hex() === hash;
    const lane = this.lanes.get(mark.lane);
    const isBreak = !isWhole || lane?.isBroken !== false;
    if (open.hash !== undefined && !isWhole) this.#parts.tell(broken(open, spot));
    else if (open.gap !== undefined)
      this.#parts.tell(
        note('lost', open.first, `${many('record', ...open.gap)}: the server could not write to this device`),
      );
    if (lane !== undefined && mark.sequence >= lane.closed.sequence) {
      lane.closed = { sequence: mark.sequence, hash };
      lane.passed.set(mark.sequence, hash);
      const [oldest] = lane.passed.size > passedLimit ? lane.passed.keys() : [];
      if (oldest !== undefined) lane.passed.delete(oldest);
      lane.isBroken = false;
      lane.spot = spot;
    }
    this.#parts.ended({ lane: mark.lane, sequence: mark.sequence, hash, mac, spot, isBreak });
  }

  #head(line: Line, head: Head): void {
    const known = this.lanes.get(head.lane);
    this.#beforeHead(head, known);
    const spot = this.#spot(line);
    if (head.version !== knownVersion)
      this.#parts.tell(
        fault('unknown_version', spot, `the chain has format ${head.version}, which this version does not know`),
      );
    if (known === undefined) this.#first(head, spot);
    else this.#again(known, head, spot);
    const { start, closed, passed } = known ?? { start: head.from.sequence, closed: head.from, passed: new Map() };
    // What stands in the files twice is told once.
    const next = closed.sequence > head.from.sequence ? head.from : closed;
    const isBroken = known !== undefined && (known.isBroken || !isSame(known.closed, head.from));
    const lane: LaneSeen = {
      id: head.lane,
      head,
      start,
      closed: next,
      passed,
      isBroken,
      last: head.from.sequence,
      spot,
    };
    this.lanes.set(head.lane, lane);
    this.#lane = lane;
    this.#open = isHash(head.from.hash) ? this.#opened(lane, spot, head.from.hash) : undefined;
    this.#open?.hash?.update(line.bytes);
  }

  /** A lane that goes on and knows of no failed write has left nothing before this line: it was put there. */
  #beforeHead({ lane, failed }: Head, known: LaneSeen | undefined): void {
    const isCertain = known !== undefined && failed === undefined;
    const here = this.#lane?.id;
    const left = [this.#left(remains), this.#looseLeft()];
    for (const one of left)
      if (one !== undefined)
        this.#parts.tell(isCertain && (here === undefined || here === lane) ? insertedOf(one) : noteOf(one));
    for (const one of this.#remains)
      this.#parts.tell(isCertain && one.lane === lane ? insertedOf(one.left) : noteOf(one.left));
    this.#remains = [];
  }

  /** A lane that was not met so far. */
  #first({ from, after }: Head, spot: Spot): void {
    if (from.sequence > 0)
      this.#parts.tell(
        note('earlier', spot, `${many('record', 1, from.sequence)} of this lane: in files that were not given`),
      );
    const before = after && this.lanes.get(after.lane);
    if (after === undefined || before === undefined) return;
    if (before.closed.sequence < after.sequence) this.#parts.tell(cutOff(before, after.sequence));
    else if (before.closed.sequence === after.sequence && before.closed.hash !== after.hash)
      this.#parts.tell(fault('forged', before.spot, 'the lane after this one knows another end of it'));
  }

  /** The same lane goes on, in a new file or after a write that failed. */
  #again({ closed, passed }: LaneSeen, { from, failed }: Head, spot: Spot): void {
    const { tell } = this.#parts;
    const certain = failed ?? from;
    const other = [from, certain].find(({ sequence, hash }) => (passed.get(sequence) ?? hash) !== hash);
    if (other !== undefined)
      tell(fault('forged', spot, `goes on from another record ${other.sequence} than the one before it`));
    else if (closed.sequence > from.sequence)
      tell(fault('reordered', spot, `goes on from record ${from.sequence}, after record ${closed.sequence}`));
    else if (closed.sequence < certain.sequence)
      tell(fault('gap', spot, `${many('record', closed.sequence + 1, certain.sequence)} missing before this line`));
    else if (closed.sequence < from.sequence)
      tell(
        note(
          'lost',
          spot,
          `${many('record', closed.sequence + 1, from.sequence)}: the server could not write to this device`,
        ),
      );
  }

  #other(line: Line): void {
    if (this.#open !== undefined) {
      this.#open.hash?.update(line.bytes);
      this.#open.lastLine = line.number;
      this.#open.stray ??= this.#spot(line);
      return;
    }
    if (line.isEnded && line.bytes.length === 1) return;
    this.#loose ??= { first: this.#spot(line), count: 0 };
    this.#loose.count++;
  }

  /** Lines that no end of a write has covered. */
  #left(why: string): Left | undefined {
    const open = this.#open;
    this.#open = undefined;
    if (open === undefined || (open.records === 0 && open.stray === undefined)) return undefined;
    return { spot: open.first, lines: many('line', open.first.line, open.lastLine), why, isUnchained: false };
  }

  #looseLeft(): Left | undefined {
    const loose = this.#loose;
    this.#loose = undefined;
    if (loose === undefined) return undefined;
    const lines = many('line', loose.first.line, loose.first.line + loose.count - 1);
    return { spot: loose.first, lines, why: remains, isUnchained: this.#lane === undefined };
  }
}

/** Lines that no MAC covers. */
interface Left {
  readonly spot: Spot;
  readonly lines: string;
  readonly why: string;
  /** They stand at the start of a file. */
  readonly isUnchained: boolean;
}

const noteOf = ({ spot, lines, why, isUnchained }: Left): Finding =>
  isUnchained
    ? note('unchained', spot, `${lines}: no part of a chain, so nothing is known of them`)
    : note('unproven', spot, `${lines}: ${why}`);

const insertedOf = ({ spot, lines }: Left): Finding =>
  fault('inserted', spot, `${lines}: no part of the chain, or damaged`);

const isSame = (one: Reached, other: Reached): boolean => one.sequence === other.sequence && one.hash === other.hash;

const remains = 'nobody vouches for them: a write that failed or was cut off by a crash leaves such lines';

const isHash = (text: string): boolean => /^[0-9a-f]{64}$/.test(text);

/** Why a write does not follow from what stands before it, as far as its lines tell. */
const broken = ({ first, lastLine, stray, disorder, gap }: Open, spot: Spot): Finding => {
  const lines = many('line', first.line, lastLine);
  if (stray !== undefined) return fault('inserted', stray, `no record of this chain, or a damaged one (${lines})`);
  if (disorder !== undefined)
    return fault('reordered', disorder, `stands after a later one, or is there twice (${lines})`);
  if (gap !== undefined) return fault('gap', first, `${many('record', ...gap)} missing (${lines})`);
  return fault('changed', spot, `${lines}: not as they were written`);
};

export const cutOff = ({ closed, spot }: LaneSeen, sequence: number): Finding =>
  fault(
    'truncated',
    spot,
    `${many('record', closed.sequence + 1, sequence)} missing after this line: cut off, or in a file that was not given`,
  );

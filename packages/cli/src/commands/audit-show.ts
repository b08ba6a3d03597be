/** `audit tail` and `audit search`, when they are asked for: lines of files to lines for people. */
import { CofferError } from '@coffer/schema/errors.ts';
import { type Filter, filterOf } from '../audit/filter.ts';
import { headOf } from '../audit/mark.ts';
import { jsonText, lineText, shownRecord, type ShownRecord } from '../audit/shown.ts';
import type { AuditIo, Line } from '../audit/source.ts';
import { type Cx, exits } from '../cx.ts';

const linesDefault = 10;
const linesLimit = 1_000_000;
const askedFor = 'A path of the store is asked for with -path: coffer audit search -path=PATH FILE.';

/** Shows what passes the filter, and counts what is no record. */
class Show {
  shown = 0;
  strange = 0;
  readonly #cx: Cx;
  readonly #filter: Filter;
  readonly #textOf: (record: ShownRecord) => string;

  constructor(cx: Cx, io: AuditIo) {
    this.#cx = cx;
    this.#filter = filterOf(cx.flags, io.nowMs());
    if (cx.format !== 'table' && cx.format !== 'json')
      throw new CofferError('usage', `Invalid output format: ${cx.format}: records are shown as table or json`);
    this.#textOf = cx.format === 'json' ? jsonText : lineText;
  }

  async all(source: AsyncIterable<readonly Line[]>): Promise<void> {
    for await (const lines of source) {
      const text = lines.map(line => this.#line(line)).join('');
      if (text !== '') this.#cx.io.out(text);
    }
  }

  /** How many lines were no records, on standard error. */
  end(): void {
    if (this.strange === 0) return;
    const lines = this.strange === 1 ? '1 line is no record' : `${this.strange} lines are no records`;
    this.#cx.warn(`${lines}; "coffer audit verify" tells which`);
  }

  #line({ bytes, isCut }: Line): string {
    const record = isCut ? undefined : shownRecord(bytes);
    if (record !== undefined) {
      if (!this.#filter(record)) return '';
      this.shown++;
      return `${this.#textOf(record)}\n`;
    }
    if (isCut || headOf(bytes) === undefined) this.strange++;
    return '';
  }
}

export const tailAudit = async (cx: Cx): Promise<number> => {
  const io = await cx.io.loadAudit();
  const lastLines = cx.flags.number('lines') ?? linesDefault;
  if (lastLines < 0 || lastLines > linesLimit) throw new CofferError('usage', `-lines: expected 0 to ${linesLimit}`);
  const show = new Show(cx, io);
  await show.all(io.follow(cx.arg(0), { lastLines, keeps: cx.flags.bool('follow') }));
  show.end();
  return exits.ok;
};

/** A path of the store never begins with a slash. */
const mayBeAskedFor = (file: string, cx: Cx): boolean => cx.flags.text('path') === undefined && !file.startsWith('/');

const withAdvice = (error: unknown, file: string, cx: Cx): unknown =>
  error instanceof CofferError && mayBeAskedFor(file, cx)
    ? new CofferError('usage', `${error.message}\n\n${askedFor}`, { cause: error })
    : error;

export const searchAudit = async (cx: Cx): Promise<number> => {
  const io = await cx.io.loadAudit();
  const show = new Show(cx, io);
  for (const file of cx.args) {
    await show.all(io.lines(file)).catch((error: unknown) => {
      throw withAdvice(error, file, cx);
    });
  }
  show.end();
  return show.shown > 0 ? exits.ok : cx.nothing('No record matches.');
};

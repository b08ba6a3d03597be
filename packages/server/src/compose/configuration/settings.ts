/**
 * Reads the items of one block against its rows: honoured keys become typed settings, the others are reported. Keys are
 * matched without regard to case, the last of several wins.
 */
import {
  readBool,
  readInteger,
  readSeconds,
  readStrictBool,
  readText,
  readTextsOrCommas,
} from '@coffer/schema/hcl/read.ts';
import type { HclItem, HclValue } from '@coffer/schema/hcl/tree.ts';
import type { KeyRow, Kind } from './key-row.ts';
import type { Origin, Report } from './problem.ts';
import { rowsOf } from './table.ts';
import { unknownKey } from './unknown-key.ts';

type Scalar = string | number | boolean | readonly string[];

export interface Setting {
  readonly origin: Origin;
  readonly value: Scalar;
}

const readers: { readonly [K in Exclude<Kind, 'block' | 'type'>]: (value: HclValue) => Scalar } = {
  text: readText,
  bool: readBool,
  'strict bool': readStrictBool,
  integer: readInteger,
  duration: readSeconds,
  texts: readTextsOrCommas,
};

/** An item and the file it stands in. */
export interface Placed {
  readonly item: HclItem;
  readonly file: string;
}

export const originOf = ({ item, file }: Placed): Origin => ({
  file,
  line: item.keys[0].line,
  column: item.keys[0].column,
});
export const keyOf = ({ item }: Placed): string => item.keys[0].text.toLowerCase();

export class Settings {
  readonly #scalars = new Map<string, Setting>();
  readonly #blocks = new Map<string, Placed[]>();

  /** `env` may set a key before the files are read; it wins over them. */
  set(key: string, setting: Setting): void {
    this.#scalars.set(key, setting);
  }

  addBlock(key: string, block: Placed): void {
    this.#blocks.set(key, [...(this.#blocks.get(key) ?? []), block]);
  }

  setting(key: string): Setting | undefined {
    return this.#scalars.get(key);
  }

  text(key: string): string | undefined {
    const value = this.#scalars.get(key)?.value;
    return typeof value === 'string' ? value : undefined;
  }

  number(key: string): number | undefined {
    const value = this.#scalars.get(key)?.value;
    return typeof value === 'number' ? value : undefined;
  }

  flag(key: string): boolean | undefined {
    const value = this.#scalars.get(key)?.value;
    return typeof value === 'boolean' ? value : undefined;
  }

  texts(key: string): readonly string[] | undefined {
    const value = this.#scalars.get(key)?.value;
    return Array.isArray(value) ? value : undefined;
  }

  blocks(key: string): readonly Placed[] {
    return this.#blocks.get(key) ?? [];
  }
}

/** The text of a value as rows name it in `harmless`. */
const plain = (value: HclValue): string | undefined => {
  if (value.kind === 'text') return value.text;
  if (value.kind === 'bool') return String(value.value);
  return value.kind === 'number' ? value.source : undefined;
};

const isHarmless = (row: KeyRow, value: HclValue): boolean => {
  const text = plain(value);
  return text !== undefined && row.harmless.includes(text);
};

const where = (block: string): string => (block === 'top level' ? '' : ` in ${block}`);

/** Says what a key that is not honoured means for the start. */
const reportRow = (row: KeyRow, placed: Placed, report: Report): void => {
  if (row.list === 'honoured' || isHarmless(row, placed.item.value)) return;
  const effect = row.list === 'warning' ? 'has no effect' : 'is not supported';
  report.add(row.list, originOf(placed), `"${row.key}"${where(row.block)} ${effect}: ${row.note}`);
};

const reportUnknown = (block: string, placed: Placed, report: Report): void => {
  const { severity, message } = unknownKey(block, keyOf(placed), rowsOf(block));
  report.add(severity, originOf(placed), message);
};

const readHonoured = (row: KeyRow, placed: Placed, into: { settings: Settings; report: Report }): void => {
  const { settings, report } = into;
  const origin = originOf(placed);
  if (row.kind === 'block' || row.kind === 'type') return settings.addBlock(row.key, placed);
  const read = readers[row.kind];
  const value = report.attempt(origin, `"${row.key}": `, () => read(placed.item.value));
  if (value === undefined) return;
  const before = settings.setting(row.key);
  if (before !== undefined && before.origin.file === placed.file) {
    report.add(
      'warning',
      origin,
      `"${row.key}" was set at ${before.origin.line}:${before.origin.column} before: this one counts`,
    );
  }
  settings.set(row.key, { origin, value });
};

export const readSettings = (block: string, items: readonly Placed[], report: Report): Settings => {
  const settings = new Settings();
  const known = rowsOf(block);
  for (const placed of items) {
    const row = known.get(keyOf(placed));
    if (row === undefined) reportUnknown(block, placed, report);
    else if (row.list === 'honoured') readHonoured(row, placed, { settings, report });
    else reportRow(row, placed, report);
  }
  return settings;
};

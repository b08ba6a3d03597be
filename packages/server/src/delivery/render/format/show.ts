/** Values as Go's fmt prints them, by any verb: lists as `[a b]`, maps as `map[a:1 b:2]`, misfits as `%!d(string=x)`. */
import { Dict, Int, List, typeName, type Value } from '../value.ts';
import type { Work } from '../work.ts';
import { type Flags, noFlags, pad } from './flags.ts';
import { formatBool, formatInt, formatNumber, formatString } from './scalar.ts';

const scalar = (value: Value, verb: string, flags: Flags): string | undefined => {
  if (value instanceof Int) return formatInt(value, verb, flags);
  if (typeof value === 'number') return formatNumber(value, verb, flags);
  return typeof value === 'string' ? formatString(value, verb, flags) : formatBool(value === true, verb, flags);
};

/** The verb does not fit: Go says so in the text. */
const misfit = (value: Value, verb: string, flags: Flags): string =>
  value === null ? `%!${verb}(<nil>)` : `%!${verb}(${typeName(value)}=${format(value, 'v', flags)})`;

/** nil inside of lists and maps prints as such, by every verb. */
const inner = (value: Value, verb: string, flags: Flags): string =>
  value === null ? (verb === 'v' && flags.syntax ? 'interface {}(nil)' : '<nil>') : format(value, verb, flags);

const listed = ({ items, of }: List, verb: string, flags: Flags): string => {
  const each = items.map(item => inner(item, verb, flags));
  return verb === 'v' && flags.syntax ? `[]${of}{${each.join(', ')}}` : `[${each.join(' ')}]`;
};

const mapped = (dict: Dict, verb: string, flags: Flags): string => {
  const each = dict.sorted().map(([key, item]) => `${format(key, verb, flags)}:${inner(item, verb, flags)}`);
  return verb === 'v' && flags.syntax ? `map[string]${dict.of}{${each.join(', ')}}` : `map[${each.join(' ')}]`;
};

/** One value by one verb. Charges what it makes. */
export const format = (value: Value, verb: string, flags: Flags): string => {
  flags.work.step();
  if (verb === 'T') return pad(typeName(value), flags);
  if (value === null) return verb === 'v' ? pad('<nil>', flags) : misfit(value, verb, flags);
  if (value instanceof List || value instanceof Dict) {
    const text = flags.work.deeper(() =>
      value instanceof List ? listed(value, verb, flags) : mapped(value, verb, flags),
    );
    flags.work.make(text.length);
    return text;
  }
  return scalar(value, verb, flags) ?? misfit(value, verb, flags);
};

export const show = (value: Value, work: Work): string =>
  typeof value === 'string' ? value : format(value, 'v', noFlags(work));

/** Pieces in one text, charged before it is made. */
const joined = (pieces: readonly string[], work: Work): string => {
  work.make(pieces.reduce((sum, piece) => sum + piece.length, 0));
  return pieces.join('');
};

/** Go's Sprint: a space between two values of which neither is a text. */
export const print = (values: readonly Value[], work: Work): string =>
  joined(
    values.map((value, at) => {
      const spaced = at > 0 && typeof value !== 'string' && typeof values[at - 1] !== 'string';
      return (spaced ? ' ' : '') + show(value, work);
    }),
    work,
  );

export const printLine = (values: readonly Value[], work: Work): string =>
  joined([...values.flatMap((value, at) => [at === 0 ? '' : ' ', show(value, work)]), '\n'], work);

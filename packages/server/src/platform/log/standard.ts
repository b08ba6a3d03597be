/**
 * The operational log: one line for each event, as text or as JSON. Whatever stands in a message or a field, an event
 * stays one line and cannot steer a terminal: control, bidirectional and line separator characters are escaped.
 */
import type { Log, LogFields, LogLevel } from '../../contracts/log.ts';

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: 'standard' | 'json';
  /** Takes one line with its newline. */
  readonly write: (line: string) => void;
  /** Wall clock in milliseconds. */
  readonly now?: () => number;
}

/** The server's own log, whose level may change while it is open, for all that were made of it. */
export interface OpenLog extends Log {
  setLevel(level: LogLevel): void;
}

/** Longest message or field; the rest is cut, and said to be. */
const textCharactersLimit = 4_096;

const rank: { readonly [L in LogLevel]: number } = { trace: 0, debug: 1, info: 2, warn: 3, error: 4 };
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;
const plain = /^[\p{L}\p{N}_.:/@+-]+$/u;

const escaped = (text: string): string =>
  text.replace(unprintable, found =>
    Array.from({ length: found.length }, (_, i) => `\\u${found.charCodeAt(i).toString(16).padStart(4, '0')}`).join(''),
  );
const bounded = (text: string): string =>
  text.length <= textCharactersLimit ? text : `${text.slice(0, textCharactersLimit)}… (${text.length} characters)`;
const quoted = (text: string): string => escaped(JSON.stringify(bounded(text)));

type Pairs = readonly (readonly [name: string, value: string | number | boolean])[];

const pairsOf = (fields: LogFields): Pairs =>
  Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));

const textValue = (value: string | number | boolean): string => {
  const text = bounded(String(value));
  return plain.test(text) ? text : quoted(text);
};

interface Line {
  readonly level: LogLevel;
  readonly message: string;
  readonly pairs: Pairs;
  readonly at: string;
}

const textLine = ({ level, message, pairs, at }: Line): string => {
  const fields = pairs.map(([name, value]) => ` ${escaped(name)}=${textValue(value)}`).join('');
  return `${at} ${`[${level.toUpperCase()}]`.padEnd(7)} ${escaped(bounded(message))}${fields === '' ? '' : ':'}${fields}\n`;
};

const jsonValue = (value: string | number | boolean): string =>
  typeof value === 'string' ? quoted(value) : (JSON.stringify(value) ?? 'null');

const jsonLine = ({ level, message, pairs, at }: Line): string => {
  const fields = pairs.map(([name, value]) => `,${quoted(name)}:${jsonValue(value)}`).join('');
  return `{"@level":"${level}","@message":${quoted(message)},"@timestamp":"${at}"${fields}}\n`;
};

export const openLog = (options: LogOptions): OpenLog => {
  const line = options.format === 'json' ? jsonLine : textLine;
  const now = options.now ?? Date.now;
  let least = rank[options.level];
  const withPairs = (carried: Pairs): Log => ({
    write(level, message, fields) {
      if (rank[level] < least) return;
      const pairs = fields === undefined ? carried : [...carried, ...pairsOf(fields)];
      options.write(line({ level, message, pairs, at: new Date(now()).toISOString() }));
    },
    with: fields => withPairs([...carried, ...pairsOf(fields)]),
  });
  return {
    ...withPairs([]),
    setLevel: level => {
      least = rank[level];
    },
  };
};

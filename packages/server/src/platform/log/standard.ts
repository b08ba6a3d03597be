/**
 * The operational log: one line for each event, as text or as JSON. Whatever stands in a message or a field, an event
 * stays one line and cannot steer a terminal: control, bidirectional and line separator characters are escaped.
 */
import {
  type Log,
  type LogFields,
  type LogLevel,
  type LogPart,
  type Logs,
  type LogTap,
  logParts,
  type Tapped,
} from '../../contracts/log.ts';

export interface LogOptions {
  readonly level: LogLevel;
  readonly format: 'standard' | 'json';
  /** Takes one line with its newline. */
  readonly write: (line: string) => void;
  /** Wall clock in milliseconds. */
  readonly now?: () => number;
}

/** The server's own log, whose levels may change while it is open, for all that were made of it. */
export interface OpenLog extends Log, Logs {
  /** The configured level: of every part that was not given another. */
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
  /** Undefined for what is said of the server as a whole. */
  readonly part: LogPart | undefined;
  readonly message: string;
  readonly pairs: Pairs;
  readonly at: string;
}

const textLine = ({ level, part, message, pairs, at }: Line): string => {
  const fields = pairs.map(([name, value]) => ` ${escaped(name)}=${textValue(value)}`).join('');
  const from = part === undefined ? '' : `${part}: `;
  return `${at} ${`[${level.toUpperCase()}]`.padEnd(7)} ${from}${escaped(bounded(message))}${fields === '' ? '' : ':'}${fields}\n`;
};

const jsonValue = (value: string | number | boolean): string =>
  typeof value === 'string' ? quoted(value) : (JSON.stringify(value) ?? 'null');

const jsonLine = ({ level, part, message, pairs, at }: Line): string => {
  const fields = pairs.map(([name, value]) => `,${quoted(name)}:${jsonValue(value)}`).join('');
  const from = part === undefined ? '' : `"@module":"${part}",`;
  return `{"@level":"${level}","@message":${quoted(message)},${from}"@timestamp":"${at}"${fields}}\n`;
};

/** The least level that is written, for each part. */
class Levels {
  readonly #own = new Map<LogPart, LogLevel>();
  readonly #least = new Map<LogPart, number>();
  #configured: LogLevel;

  constructor(configured: LogLevel) {
    this.#configured = configured;
    this.configure(configured);
  }

  writes(part: LogPart, level: LogLevel): boolean {
    return rank[level] >= (this.#least.get(part) ?? 0);
  }

  configure(level: LogLevel): void {
    this.#configured = level;
    for (const part of logParts) this.#least.set(part, rank[this.#own.get(part) ?? level]);
  }

  set(part: LogPart, level: LogLevel | undefined): void {
    if (level === undefined) this.#own.delete(part);
    else this.#own.set(part, level);
    this.configure(this.#configured);
  }

  all(): ReadonlyMap<LogPart, LogLevel> {
    return new Map(logParts.map(part => [part, this.#own.get(part) ?? this.#configured]));
  }
}

const forms = { standard: textLine, json: jsonLine } as const;

/** Whoever follows the log beside its own writer. Who may, and how many, is for the owner to say. */
class Taps implements LogTap {
  readonly #taps = new Map<object, { readonly tapped: Tapped; readonly take: (line: string) => void }>();

  follow(tapped: Tapped, take: (line: string) => void): () => void {
    const own = {};
    this.#taps.set(own, { tapped, take });
    return () => void this.#taps.delete(own);
  }

  wants(level: LogLevel): boolean {
    for (const { tapped } of this.#taps.values()) if (rank[level] >= rank[tapped.level]) return true;
    return false;
  }

  give(line: Line): void {
    for (const { tapped, take } of this.#taps.values())
      if (rank[line.level] >= rank[tapped.level]) take(forms[tapped.format](line));
  }
}

export const openLog = (options: LogOptions): OpenLog => {
  const form = forms[options.format];
  const taps = new Taps();
  const now = options.now ?? Date.now;
  const levels = new Levels(options.level);
  const withPairs = (own: LogPart, carried: Pairs): Log => ({
    write(level, message, fields) {
      const writes = levels.writes(own, level);
      if (!writes && !taps.wants(level)) return;
      const pairs = fields === undefined ? carried : [...carried, ...pairsOf(fields)];
      const part = own === 'server' ? undefined : own;
      const line = { level, part, message, pairs, at: new Date(now()).toISOString() };
      if (writes) options.write(form(line));
      taps.give(line);
    },
    with: fields => withPairs(own, [...carried, ...pairsOf(fields)]),
  });
  return {
    ...withPairs('server', []),
    levels,
    tap: taps,
    part: name => withPairs(name, []),
    setLevel: level => levels.configure(level),
  };
};

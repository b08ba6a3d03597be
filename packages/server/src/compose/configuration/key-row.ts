/** One configuration key, and what becomes of it. */
export type Kind = 'text' | 'bool' | 'strict bool' | 'integer' | 'duration' | 'texts' | 'block' | 'type';
/** `honoured`: does what it says. `warning`: accepted, has no effect. `error`: the server does not start with it. */
export type ListName = 'honoured' | 'warning' | 'error';

export interface KeyRow {
  readonly block: string;
  readonly key: string;
  readonly kind: Kind;
  readonly list: ListName;
  /** Honoured: what it does, and its default. Else: why not, and what to do. */
  readonly note: string;
  /** Values that say what holds anyway, and are accepted in silence. */
  readonly harmless: readonly string[];
}

type Short = readonly [key: string, kind: Kind, note: string, ...harmless: string[]];

/** Rows of one block and one list. */
export const rows = (block: string, list: ListName, short: readonly Short[]): KeyRow[] =>
  short.map(([key, kind, note, ...harmless]) => ({ block, key, kind, list, note, harmless }));

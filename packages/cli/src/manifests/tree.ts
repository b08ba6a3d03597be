/** A YAML or JSON document as values: maps without a prototype, lines for messages. What the reader in platform/ hands over. */
export type Tree = null | boolean | number | bigint | string | readonly Tree[] | TreeMap;
export type TreeMap = ReadonlyMap<string, Tree>;

export interface Document {
  /** Of its first content, counted from 1. */
  readonly line: number;
  /** `undefined` where it could not be read: then `fault` says why, without a word of the content. */
  readonly value: Tree | undefined;
  readonly fault: string;
  /** The line of a part, by member names and positions. */
  readonly lineOf: (path: readonly (string | number)[]) => number;
}

export const isMap = (tree: Tree | undefined): tree is TreeMap => tree instanceof Map;
export const isList = (tree: Tree | undefined): tree is readonly Tree[] => Array.isArray(tree);

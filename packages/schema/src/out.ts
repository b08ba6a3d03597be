/** What a row may answer with: everything the encoder can write as JSON without losing anything. */
import type { JsonNumber } from './json/value.ts';
import type { RawJson } from './json/raw.ts';
import type { Secret } from './secret.ts';

export type Out =
  | null
  | undefined
  | boolean
  | number
  | bigint
  | string
  | Date
  | Secret
  | RawJson
  | JsonNumber
  | readonly Out[]
  | ReadonlyMap<string, Out>
  | { readonly [key: string]: Out };

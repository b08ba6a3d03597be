/** What verification tells. A fault is what an honest writer cannot have left; a note is what is not proven. */
import type { Spot } from './source.ts';

export type FaultKind =
  | 'changed'
  | 'gap'
  | 'reordered'
  | 'inserted'
  | 'truncated'
  | 'forged'
  | 'foreign'
  | 'unknown_version';
export type NoteKind = 'unproven' | 'torn' | 'lost' | 'earlier' | 'unchained';

export interface Finding {
  readonly kind: FaultKind | NoteKind;
  readonly isFault: boolean;
  readonly spot: Spot;
  /** Plain words, after the kind. */
  readonly text: string;
}

export const fault = (kind: FaultKind, spot: Spot, text: string): Finding => ({ kind, isFault: true, spot, text });
export const note = (kind: NoteKind, spot: Spot, text: string): Finding => ({ kind, isFault: false, spot, text });

/** `3` or `3 to 5`, with what they are. */
export const many = (what: string, from: number, to: number): string =>
  from === to ? `${what} ${from}` : `${what}s ${from} to ${to}`;

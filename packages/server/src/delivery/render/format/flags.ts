/** The flags of a verb of printf and what they do to any text: padding. */
import { pieces } from '../bytes.ts';
import type { Work } from '../work.ts';

export interface Flags {
  readonly plus: boolean;
  readonly minus: boolean;
  readonly sharp: boolean;
  readonly space: boolean;
  readonly zero: boolean;
  /** %#v: as Go writes the value in its source. */
  readonly syntax: boolean;
  readonly width: number | undefined;
  readonly precision: number | undefined;
  /** Charged before what is wide is made. */
  readonly work: Work;
}

export const noFlags = (work: Work): Flags => ({
  plus: false,
  minus: false,
  sharp: false,
  space: false,
  zero: false,
  syntax: false,
  width: undefined,
  precision: undefined,
  work,
});

/** Widths count runes. */
export const pad = (text: string, { width = 0, minus, zero, work }: Flags): string => {
  const missing = width - pieces(text).length;
  if (missing <= 0) return text;
  work.make(missing);
  return minus ? text + ' '.repeat(missing) : (zero ? '0' : ' ').repeat(missing) + text;
};

/** Reading the scalars of JSON the way the wire does: numbers and booleans stand for their text, and the other way round. */
import { stringText } from '../../json/bytes.ts';
import type { RawJson } from '../../json/raw.ts';
import { Refused } from '../kind.ts';

/** Throws `Refused`. */
export const refuseExpecting = (expects: string): never => {
  throw new Refused(`expected ${expects}`);
};

const visibleAscii = /^[\x20-\x7e]*$/;

/** The text of a string, the source of a number, `1` and `0` for booleans as old clients know it. */
export const scalarText = (value: RawJson, expects: string): string => {
  const { type, bytes } = value;
  if (type === 'string') return stringText(bytes, 1, bytes.length - 1);
  if (type === 'number') return stringText(bytes, 0, bytes.length);
  if (type === 'boolean') return bytes[0] === 0x74 ? '1' : '0';
  return refuseExpecting(expects);
};

/** Texts that a field of one line may hold: nothing invisible, nothing that moves the cursor. */
const unprintable = /[\p{C}\p{Zl}\p{Zp}]/u;
export const isPrintable = (text: string): boolean => visibleAscii.test(text) || !unprintable.test(text);

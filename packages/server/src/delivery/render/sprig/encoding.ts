/** base64 and base32 in texts, over bytes, and a checksum. What is not well-formed fails: Go's functions would put their error into the text. */
import { fixed, string, type TemplateFunction } from '../function.ts';
import { fault, itemBytes, type Work } from '../work.ts';

interface Code {
  readonly name: string;
  readonly alphabet: string;
  readonly bits: 5 | 6;
  /** Letters per group; the last one is filled up with `=`. */
  readonly group: 4 | 8;
}

const base64: Code = {
  name: 'base64',
  alphabet: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/',
  bits: 6,
  group: 4,
};
const base32: Code = { name: 'base32', alphabet: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', bits: 5, group: 8 };

const adlerPrime = 65_521;

/** Takes numbers of `from` bits and gives such of `to` bits; the rest, filled with zeros, only where `keeps` says so. */
const regroup = (
  numbers: Iterable<number>,
  { from, to, keeps }: { from: number; to: number; keeps: boolean },
): number[] => {
  const made: number[] = [];
  let held = 0;
  let bits = 0;
  for (const each of numbers) {
    held = ((held << from) | each) & 0xffff;
    bits += from;
    while (bits >= to) {
      bits -= to;
      made.push((held >> bits) & ((1 << to) - 1));
    }
  }
  if (keeps && bits > 0) made.push((held << (to - bits)) & ((1 << to) - 1));
  return made;
};

const encode = ({ alphabet, bits, group }: Code, plain: string, work: Work): string => {
  work.make(plain.length * itemBytes);
  const bytes = Array.from(plain, byte => byte.charCodeAt(0));
  const letters = regroup(bytes, { from: 8, to: bits, keeps: true }).map(at => alphabet.charAt(at));
  return letters.join('').padEnd(Math.ceil(letters.length / group) * group, '=');
};

const notCode = (name: string): never =>
  fault(`the text is not ${name}: look at where it comes from, or take the function out`);

const decode = ({ name, alphabet, bits, group }: Code, text: string, work: Work): string => {
  work.make(text.length * itemBytes);
  const plain = text.replaceAll(/[\r\n]/g, '');
  const filling = plain.indexOf('=');
  const letters = filling === -1 ? plain : plain.slice(0, filling);
  const numbers = Array.from(letters, letter => alphabet.indexOf(letter));
  const filled = plain.length - letters.length;
  if (!/^=*$/.test(plain.slice(letters.length))) return notCode(name);
  // As many letters as no whole number of bytes needs.
  const tooMany = (letters.length * bits) % 8 >= bits;
  if (plain.length % group !== 0 || filled >= group || numbers.includes(-1) || tooMany) return notCode(name);
  return regroup(numbers, { from: bits, to: 8, keeps: false })
    .map(byte => String.fromCharCode(byte))
    .join('');
};

/** RFC 1950's sum of the bytes. */
const adler32 = (plain: string): number => {
  let low = 1;
  let high = 0;
  for (let at = 0; at < plain.length; at++) {
    low = (low + plain.charCodeAt(at)) % adlerPrime;
    high = (high + low) % adlerPrime;
  }
  return high * 65_536 + low;
};

export const base64Of = (plain: string, work: Work): string => encode(base64, plain, work);

export const encodingFunctions: readonly (readonly [string, TemplateFunction])[] = [
  ['b64enc', fixed([string], ([text], work) => base64Of(text, work))],
  ['b64dec', fixed([string], ([text], work) => decode(base64, text, work))],
  ['b32enc', fixed([string], ([text], work) => encode(base32, text, work))],
  ['adler32sum', fixed([string], ([text]) => String(adler32(text)))],
  ['b32dec', fixed([string], ([text], work) => decode(base32, text, work))],
];

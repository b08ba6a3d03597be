/** Marked secrets, and the search for them in every form in which they might leak (S11). */
import { randomBytes } from 'node:crypto';

export const newMark = (): string => `canary${randomBytes(12).toString('hex')}`;

/** How many characters of base64 in front depend on what stood before the mark. */
const dirtyStart = [0, 2, 3] as const;

/** The part of its base64 that does not depend on what stands around the mark. */
const base64At = (mark: string, offset: 0 | 1 | 2): string => {
  const text = Buffer.concat([Buffer.alloc(offset), Buffer.from(mark)])
    .toString('base64')
    .replace(/=+$/, '');
  const clean = (offset + mark.length) % 3 === 0 ? text : text.slice(0, -1);
  return clean.slice(dirtyStart[offset]);
};

const each = (mark: string, write: (code: string) => string): string =>
  [...Buffer.from(mark)].map(byte => write(byte.toString(16).padStart(2, '0'))).join('');

/** form → the bytes to look for. */
export const formsOf = (mark: string): ReadonlyMap<string, Buffer> => {
  const hex = Buffer.from(mark).toString('hex');
  const forms = new Map<string, Buffer>([
    ['plain', Buffer.from(mark)],
    ['the first half', Buffer.from(mark.slice(0, Math.ceil(mark.length / 2)))],
    ['upper case', Buffer.from(mark.toUpperCase())],
    ['hex', Buffer.from(hex)],
    ['upper-case hex', Buffer.from(hex.toUpperCase())],
    ['URL', Buffer.from(each(mark, code => `%${code}`))],
    ['JSON escapes', Buffer.from(each(mark, code => `\\u00${code}`))],
    ['UTF-16', Buffer.from(mark, 'utf16le')],
    ['a list of bytes', Buffer.from([...Buffer.from(mark)].join(','))],
  ]);
  for (const offset of [0, 1, 2] as const) {
    const text = base64At(mark, offset);
    forms.set(`base64 at ${offset}`, Buffer.from(text));
    forms.set(`base64url at ${offset}`, Buffer.from(text.replaceAll('+', '-').replaceAll('/', '_')));
  }
  return forms;
};

/** `place: mark name in form`, for each that is found; never the mark itself. */
export const found = (
  marks: ReadonlyMap<string, string>,
  places: ReadonlyMap<string, string | Uint8Array>,
): readonly string[] => {
  const hits: string[] = [];
  for (const [place, text] of places) {
    const bytes = Buffer.from(text as string);
    for (const [name, mark] of marks)
      for (const [form, wanted] of formsOf(mark)) if (bytes.includes(wanted)) hits.push(`${place}: ${name} as ${form}`);
  }
  return hits;
};

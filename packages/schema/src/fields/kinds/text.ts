/** Kinds that hold text: free, one name, the rest of a path, one of a few words, or a secret. */
import type { RawJson } from '../../json/raw.ts';
import { Secret } from '../../secret.ts';
import { makeKind, type Kind } from '../kind.ts';
import { isPrintable, refuseExpecting, scalarText } from './scalar.ts';

const nameLimitCharacters = 512;
const oddTexts: readonly unknown[] = [
  '',
  'a',
  'a b',
  'é😀',
  '../x',
  '\u0000',
  'x'.repeat(2000),
  1,
  1.5,
  true,
  null,
  [],
  {},
  ['a'],
];

const aText = 'a text';
export const string: Kind<string> = makeKind({
  name: 'string',
  expects: aText,
  json: { type: 'string' },
  ts: { in: 'string', out: 'string' },
  coerce: value => scalarText(value, aText),
  form: text => text,
  arbitrary: pick => pick(oddTexts),
});

const aName = `a name: 1 to ${nameLimitCharacters} printable characters, no "/", no space at either end`;
const readName = (text: string): string => {
  const fits = text !== '' && text.length <= nameLimitCharacters && !text.includes('/') && text.trim() === text;
  return fits && isPrintable(text) ? text : refuseExpecting(aName);
};
export const name: Kind<string> = makeKind({
  name: 'name',
  expects: aName,
  json: { type: 'string', minLength: 1, maxLength: nameLimitCharacters },
  ts: { in: 'string', out: 'string' },
  coerce: value => readName(scalarText(value, aName)),
  form: readName,
  arbitrary: pick => pick([...oddTexts, 'a-b', 'a.b_c', ' a', 'a/b', 'root']),
});

const aPath = 'a path of printable characters';
const readPath = (text: string): string => (isPrintable(text) ? text : refuseExpecting(aPath));
export const path: Kind<string> = makeKind({
  name: 'path',
  expects: aPath,
  json: { type: 'string' },
  ts: { in: 'string', out: 'string' },
  coerce: value => readPath(scalarText(value, aPath)),
  form: readPath,
  arbitrary: pick => pick([...oddTexts, 'a/b/c', 'a/', 'a//b']),
});

const backslash = 0x5c;
/** A copy of the bytes, without a JavaScript string on the way unless there are escapes. */
const readSecret = (value: RawJson): Secret => {
  const { bytes } = value;
  if (value.type !== 'string' || bytes.includes(backslash)) return Secret.of(scalarText(value, aText));
  return Secret.of(bytes.slice(1, -1));
};
export const secret: Kind<Secret> = makeKind({
  name: 'secret',
  expects: aText,
  json: { type: 'string', format: 'password' },
  ts: { in: 'string | Secret', out: 'Secret' },
  secret: true,
  coerce: readSecret,
  form: text => Secret.of(text),
  arbitrary: pick => pick(oddTexts),
});

/** Exactly one of the words. */
export const oneOf = <const V extends string>(choices: readonly V[]): Kind<V> => {
  const expects = `one of ${choices.map(choice => `"${choice}"`).join(', ')}`;
  const read = (text: string): V => choices.find(choice => choice === text) ?? refuseExpecting(expects);
  const ts = choices.map(choice => `'${choice}'`).join(' | ');
  return makeKind({
    name: 'oneOf',
    expects,
    json: { type: 'string', enum: choices },
    ts: { in: ts, out: ts },
    emptyIsAbsent: !choices.some(choice => choice === ''),
    coerce: value => read(scalarText(value, expects)),
    form: read,
    arbitrary: pick => pick([...choices, ...oddTexts]),
  });
};

/**
 * `list_scan_response_keys_filter_path`: a template that says for each listed key which path the caller must be able to
 * read (or list, where the key is a folder) to see it. Understood: text, `{{ .path }}`, `{{ .key }}`, each with
 * `| replace "from" "to"`. Anything else is refused when the policy is written.
 */

/** Makes the path to check; `path` is the listed path with its trailing slash. Undefined hides the key. */
export type KeysFilter = (path: string, key: string) => string | undefined;

export class KeysFilterError extends Error {
  override readonly name = 'KeysFilterError';
}

const templateLimit = 1024;
/** A key whose path grows longer is hidden. */
const pathLimit = 4096;
const action =
  /\{\{-?\s*\.(path|key)\s*((?:\|\s*replace\s+(?:"(?:[^"\\]|\\["\\])*"|`[^`]*`)\s+(?:"(?:[^"\\]|\\["\\])*"|`[^`]*`)\s*)*)-?\}\}/y;
const replace = /\|\s*replace\s+("(?:[^"\\]|\\["\\])*"|`[^`]*`)\s+("(?:[^"\\]|\\["\\])*"|`[^`]*`)/g;

type Step = (value: string) => string;
type Part = (path: string, key: string) => string | undefined;

const unquoted = (text: string): string => {
  const inner = text.slice(1, -1);
  return text.startsWith('`') ? inner : inner.replaceAll(/\\(["\\])/g, '$1');
};

const steps = (text: string): Step[] =>
  [...text.matchAll(replace)].map(([, from = '', to = '']) => {
    const [before, after] = [unquoted(from), unquoted(to)];
    return value => (before === '' ? value : value.replaceAll(before, () => after));
  });

const partOf = (name: string, text: string): Part => {
  const todo = steps(text);
  return (path, key) => {
    let value = name === 'path' ? path : key;
    for (const step of todo) {
      value = step(value);
      if (value.length > pathLimit) return undefined;
    }
    return value;
  };
};

const parts = (template: string): Part[] => {
  const found: Part[] = [];
  for (let at = 0; at < template.length; ) {
    const open = template.indexOf('{{', at);
    const literal = template.slice(at, open < 0 ? template.length : open);
    if (literal !== '') found.push(() => literal);
    if (open < 0) break;
    action.lastIndex = open;
    const match = action.exec(template);
    if (match === null)
      throw new KeysFilterError('only .path and .key, with replace "from" "to", can stand in this template');
    found.push(partOf(match[1] ?? '', match[2] ?? ''));
    at = open + match[0].length;
  }
  return found;
};

/** Throws `KeysFilterError` where the template is not understood, or does not depend on the key. */
export const parseKeysFilter = (template: string): KeysFilter => {
  if (template.length > templateLimit) throw new KeysFilterError(`longer than ${templateLimit} characters`);
  const all = parts(template);
  const filter: KeysFilter = (path, key) => {
    const texts = all.map(part => part(path, key));
    return texts.includes(undefined) ? undefined : texts.join('');
  };
  if (filter('path/', 'a') === filter('path/', 'b'))
    throw new KeysFilterError('resulted in same path for two different keys');
  return filter;
};

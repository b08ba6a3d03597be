/**
 * Templates in rule paths: `{{identity.entity.name}}`. A value that could widen the rule it lands in is refused (S7), and
 * a rule whose template has no value is left out whole.
 */

/** Says what stands for an expression such as `identity.entity.id`; undefined where nothing does. */
export type TemplateLookup = (expression: string) => string | undefined;

/** A lookup that knows nothing: every rule with a template is left out. */
export const noTemplates: TemplateLookup = () => undefined;

const valueLimit = 512;
/** Characters that mean something in a path, a list or a template, and those that do not print. */
const unsafe = /[*+/,{}\p{C}\p{Zl}\p{Zp}]/u;

const isSafe = (value: string): boolean =>
  value !== '' &&
  value.length <= valueLimit &&
  value.trim() === value &&
  value !== '.' &&
  value !== '..' &&
  !unsafe.test(value);

export const hasTemplate = (path: string): boolean => path.includes('{{') || path.includes('}}');

/** Literal text at even places, expressions at odd ones. Undefined where braces are unbalanced or an expression is empty. */
const pieces = (path: string): string[] | undefined => {
  const found: string[] = [];
  let at = 0;
  for (let open = path.indexOf('{{'); open >= 0; open = path.indexOf('{{', at)) {
    const close = path.indexOf('}}', open + 2);
    const expression = close < 0 ? '' : path.slice(open + 2, close).trim();
    const literal = path.slice(at, open);
    if (expression === '' || expression.includes('{{') || literal.includes('}}')) return undefined;
    found.push(literal, expression);
    at = close + 2;
  }
  const rest = path.slice(at);
  return rest.includes('}}') ? undefined : [...found, rest];
};

export const isBalanced = (path: string): boolean => pieces(path) !== undefined;

/** The path with every template replaced; undefined where one has no value, or none that may stand in a path. */
export const resolved = (path: string, lookup: TemplateLookup): string | undefined => {
  if (!hasTemplate(path)) return path;
  const parts = pieces(path)?.map((part, index) => (index % 2 === 0 ? part : safeValue(lookup(part))));
  return parts === undefined || parts.includes(undefined) ? undefined : parts.join('');
};

const safeValue = (value: string | undefined): string | undefined =>
  value !== undefined && isSafe(value) ? value : undefined;

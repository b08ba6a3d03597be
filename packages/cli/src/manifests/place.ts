/** Where a Secret goes below the mount: a template with `{namespace}` and `{name}`. */
import { CofferError } from '@coffer/schema/errors.ts';

const defaultTemplate = '{namespace}/{name}';
const templateLimit = 1024;
const placeholder = /\{([a-z]{1,32})\}/g;

const refuse = (reason: string): never => {
  throw new CofferError('usage', `-prefix: ${reason}`);
};

const checkSegments = (template: string): void => {
  for (const segment of template.split('/')) {
    if (segment === '' || segment === '.' || segment === '..') refuse('empty, "." and ".." are no segments of a path');
  }
};

/** A prefix without placeholders is a folder for namespaces. Throws `usage`. */
export const templateOf = (given: string): string => {
  const text = given.replace(/^\/{1,9}|\/{1,9}$/g, '');
  if (text.length > templateLimit) refuse(`longer than ${templateLimit} characters`);
  const found = new Set([...text.matchAll(placeholder)].map(match => match[1]));
  for (const name of found) {
    if (name !== 'namespace' && name !== 'name') refuse(`unknown {${name}}: there are {namespace} and {name}`);
  }
  const template = found.size > 0 ? text : [text, defaultTemplate].filter(part => part !== '').join('/');
  if (!template.includes('{name}')) refuse('{name} is missing');
  checkSegments(template);
  return template;
};

export const placeIn = (
  template: string,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): string => template.replace(placeholder, (_, which: string) => (which === 'name' ? name : namespace));

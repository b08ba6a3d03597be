/**
 * The specifiers of emitted code. Sources name each other by their `.ts` files; what is published names the `.js` file
 * inside a package and `@coffer/schema/secret`, without an extension, across packages.
 */

/** As the compiler prints them: a statement's specifier ends its line. */
const statement = /^((?:import\s+|(?:import|export|\})[^'"\n]*\bfrom\s+)['"])([^'"\n]+)(?=['"];?$)/gm;
const call = /(\bimport\(['"])([^'"\n]+)(?=['"]\))/g;
/** A file loaded by its address, such as that of a worker thread. */
const address = /(\bnew URL\(['"])(\.[^'"\n]+)(?=['"], import\.meta\.url\))/g;

const publishedForm = (specifier: string): string => {
  if (!specifier.endsWith('.ts')) return specifier;
  if (specifier.startsWith('.')) return specifier.replace(/(?:\.d)?\.ts$/, '.js');
  return specifier.startsWith('@coffer/') ? specifier.slice(0, -'.ts'.length) : specifier;
};

const patterns = [statement, call, address];

export const rewriteSpecifiers = (text: string): string => {
  let rewritten = text;
  for (const pattern of patterns) {
    rewritten = rewritten.replaceAll(pattern, (_, before: string, name: string) => before + publishedForm(name));
  }
  return rewritten;
};

export const specifiersOf = (text: string): readonly string[] =>
  patterns.flatMap(pattern => [...text.matchAll(pattern)].map(match => match[2] ?? ''));

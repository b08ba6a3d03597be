/** Whether staged packages hold together: every import leads to a file of the package or to a dependency that has it. */
import type { Manifest } from './manifest.ts';
import { specifiersOf } from './specifiers.ts';

export interface Staged {
  readonly manifest: Manifest & Readonly<Record<string, unknown>>;
  /** Path inside the package → text. */
  readonly files: ReadonlyMap<string, string>;
}

const packageName = /^(?:@[^/]+\/)?[^/]+/;

const inside = (from: string, specifier: string): string => {
  const found = new URL(specifier, `file:///${from}`).pathname.slice(1);
  return from.endsWith('.d.ts') ? found.replace(/\.js$/, '.d.ts') : found;
};

const exportsOf = ({ manifest }: Staged): ReadonlyMap<string, unknown> =>
  new Map(Object.entries(manifest['exports'] as object));

/** Whether another package may import `subpath` (as `./errors`), and there is such a module. */
const offers = (staged: Staged, subpath: string): boolean => {
  const offered = exportsOf(staged);
  if (offered.has(subpath)) return true;
  return offered.has('./*') && staged.files.has(`lib/${subpath.slice(2)}.js`);
};

const complain = (all: ReadonlyMap<string, Staged>, own: Staged, specifier: string): string | undefined => {
  if (specifier.startsWith('node:')) return undefined;
  const name = packageName.exec(specifier)?.[0] ?? '';
  if (own.manifest.dependencies?.[name] === undefined) return `${specifier} is no dependency`;
  const other = all.get(name);
  if (other === undefined) return undefined;
  const subpath = `.${specifier.slice(name.length)}`;
  return offers(other, subpath) ? undefined : `${name} does not offer ${subpath}`;
};

/** What is wrong, each with its package and file; empty when everything leads somewhere. */
export const faultsOf = (packages: readonly Staged[]): readonly string[] => {
  const all = new Map(packages.map(staged => [staged.manifest.name, staged]));
  return packages.flatMap(own =>
    [...own.files].flatMap(([file, text]) =>
      (/\.(?:js|d\.ts)$/.test(file) ? specifiersOf(text) : []).flatMap(specifier => {
        const missing = specifier.startsWith('.') && !own.files.has(inside(file, specifier));
        const fault = specifier.startsWith('.')
          ? missing && `${specifier} is not in the package`
          : complain(all, own, specifier);
        return fault === false || fault === undefined ? [] : [`${own.manifest.name}: ${file}: ${fault}`];
      }),
    ),
  );
};

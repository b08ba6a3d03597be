/** The package.json of a published package: the workspace's own, without what only development needs. */
import type { Published } from './plan.ts';

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

const asText = (own: ReadonlyMap<string, unknown>, folder: string, name: string): string => {
  const value = own.get(name);
  if (typeof value !== 'string' || value === '') throw new Error(`packages/${folder}/package.json: no ${name}`);
  return value;
};

/** Throws where the workspace's package.json lacks a member that a registry shows. */
export const manifestOf = (workspace: object, entry: Published): Manifest & Readonly<Record<string, unknown>> => {
  const own: ReadonlyMap<string, unknown> = new Map(Object.entries(workspace));
  const text = (name: string): string => asText(own, entry.folder, name);
  const dependencies = own.get('dependencies') as Manifest['dependencies'];
  return {
    name: text('name'),
    version: text('version'),
    description: text('description'),
    license: text('license'),
    type: 'module',
    engines: { node: entry.node },
    ...(entry.bin === undefined ? {} : { bin: entry.bin }),
    ...(entry.types === undefined ? {} : { types: entry.types, sideEffects: false }),
    exports: entry.exports,
    files: entry.bin === undefined ? ['lib'] : ['bin', 'lib'],
    ...(dependencies === undefined ? {} : { dependencies }),
  };
};

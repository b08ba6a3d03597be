/** What is published: one entry for each package, and what its users may import from it. */

export interface Published {
  /** Folder below packages/ and below dist/. */
  readonly folder: string;
  /** The oldest Node it runs on. */
  readonly node: string;
  /** Which configuration emits it. The libraries come with declarations, the programs without. */
  readonly config: string;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly types?: string;
  readonly bin?: Readonly<Record<string, string>>;
}

const libraries = 'tsconfig.publish.json';
/**
 * One configuration for each program: the compiler emits nothing of a file that it first met through a package's name,
 * so the command, which names the server's package, and the server are never compiled together.
 */
const program = (folder: string): string => `scripts/publish/tsconfig.${folder}.json`;
const manifestItself = { './package.json': './package.json' };
const everyModule = { './*': { types: './lib/*.d.ts', default: './lib/*.js' } };

export const published: readonly Published[] = [
  { folder: 'schema', node: '>=20', config: libraries, exports: { ...everyModule, ...manifestItself } },
  {
    folder: 'client',
    node: '>=20',
    config: libraries,
    types: './lib/client.d.ts',
    exports: {
      '.': { types: './lib/client.d.ts', default: './lib/client.js' },
      ...everyModule,
      ...manifestItself,
    },
  },
  {
    folder: 'server',
    node: '>=26',
    config: program('server'),
    exports: { './main': './lib/main.js', ...manifestItself },
  },
  {
    folder: 'cli',
    node: '>=26',
    config: program('cli'),
    exports: manifestItself,
    bin: { coffer: 'bin/coffer.cjs' },
  },
];

/** What the code must not contain, as a table: a pattern over the code alone, where it does not apply, and what to do. */

export interface Ban {
  readonly name: string;
  /** Found in code with comments and strings blanked. */
  readonly pattern: RegExp;
  readonly mend: string;
  /** Files it does not apply to. */
  readonly except?: (file: string) => boolean;
  readonly bad: readonly string[];
  readonly good?: readonly string[];
}

const isTest = (file: string): boolean =>
  file.endsWith('.test.ts') || file.startsWith('test/') || file.startsWith('scripts/');
export const isEntry = (file: string): boolean => /^packages\/[^/]+\/src\/main\.ts$/.test(file);
/** Where the outside is touched. The client has two such files, because it has so little of it. */
export const isPlatform = (file: string): boolean =>
  /^packages\/[^/]+\/src\/platform\//.test(file) || /^packages\/client\/src\/(?:runtime|node)\.ts$/.test(file);
const isOutside = (file: string): boolean => isTest(file) || isEntry(file) || isPlatform(file);
const isHttp = (file: string): boolean => file.startsWith('packages/server/src/http/');

const handedIn =
  'take it as an argument (contracts/clock.ts, random.ts, log.ts) from compose/, where platform/ makes it';

export const bans: readonly Ban[] = [
  {
    name: 'no enums',
    pattern: /\benum\s+[A-Za-z_$]/g,
    mend: 'Node cannot strip an enum: use a union of texts',
    bad: ['enum A { b }', 'export const enum A { b }'],
    good: ['const enumerate = 1;', '// enum A', "const a = 'enum A';"],
  },
  {
    name: 'no namespaces or parameter properties',
    pattern:
      /^\s*(?:export\s+)?namespace\s+\w|\bconstructor\s*\([^)]*\b(?:public|private|protected|readonly)\s+\w+\s*[?:]/gm,
    mend: 'Node cannot strip these: use modules, and fields assigned in the constructor',
    bad: ['export namespace A {}', 'class A { constructor(private readonly b: string) {} }'],
    good: ['const namespace = 1;', 'class A { constructor(b: string) {} }'],
  },
  {
    name: 'no decorators',
    pattern: /(?:^|[\s(])@[A-Za-z_$]/gm,
    mend: 'use a plain function or a table',
    bad: ['@sealed\nclass A {}', 'class A { @bound m() {} }'],
    good: ['// @see b', "import { a } from '@coffer/schema/a.ts';"],
  },
  {
    name: 'no default exports',
    pattern: /\bexport\s+default\b|\bas\s+default\b/g,
    mend: 'export it by its name',
    except: file => file === 'test/run/reporter.ts',
    bad: ['export default 1;', 'export { a as default };'],
  },
  {
    name: 'no barrel files: nothing is exported again from another file',
    pattern: /\bexport\s+(?:type\s+)?(?:\*|\{[^}]*\})(?:\s+as\s+\w+)?\s+from\b/g,
    mend: 'import it from the file that owns it',
    bad: ["export * from './a.ts';", "export type { A } from './a.ts';", "export * as a from './a.ts';"],
    good: ['export { a };'],
  },
  {
    name: 'the clock is read only in platform/ and main.ts',
    pattern: /\bDate\.now\b|\bnew\s+Date\s*\(\s*\)|\bDate\s*\(\s*\)|\bperformance\s*\.|\bTemporal\.Now\b|\bhrtime\b/g,
    mend: handedIn,
    except: isOutside,
    bad: ['const a = Date.now();', 'const a = new Date();', 'performance.now();'],
    good: ['new Date(milliseconds)', 'Date.UTC(2020, 1, 1)'],
  },
  {
    name: 'timers are started only in platform/ and main.ts',
    pattern: /(?<![.\w$])(?:globalThis\.)?(?:setTimeout|setInterval|setImmediate)\b|\bAbortSignal\.timeout\b/g,
    mend: handedIn,
    except: isOutside,
    bad: ['setTimeout(f, 1);', 'globalThis.setInterval(f, 1);', 'AbortSignal.timeout(5)'],
  },
  {
    name: 'randomness is made only in platform/ and main.ts',
    pattern: /\bMath\.random\b|\brandomUUID\b|\bgetRandomValues\b|\brandomBytes\b/g,
    mend: handedIn,
    except: isOutside,
    bad: ['Math.random()', 'crypto.randomUUID()', 'crypto.getRandomValues(a)'],
  },
  {
    name: 'process and console are used only in platform/ and main.ts',
    pattern: /(?<![.\w$])(?:globalThis\.)?(?:process|console)\s*[.[]/g,
    mend: handedIn,
    except: isOutside,
    bad: ['process.env.A', "process['exit'](1)", 'console.log(1)', 'globalThis.process.pid'],
    good: ['this.process.a', 'reprocess.a'],
  },
  {
    name: 'Buffer is used only in platform/ and http/',
    pattern: /(?<![.\w$])(?:globalThis\.)?Buffer\b/g,
    mend: 'use Uint8Array, TextEncoder and TextDecoder',
    except: file => isOutside(file) || isHttp(file),
    bad: ['Buffer.from(a)', 'const a: Buffer = b;'],
    good: ['SharedArrayBuffer', 'new ArrayBuffer(1)', 'a.Buffer'],
  },
  {
    name: 'no names that say nothing: utils, helpers, manager',
    // Kubernetes' own members `manager` and `fieldManager` say who owns a field; nothing else may be called so.
    pattern:
      /(?<![A-Za-z])(?:utils?|helpers?|(?<!\.)manager(?!\??:))(?![a-z])|(?<!\bfiel)[a-z](?:Utils?|Helpers?|Manager)(?![a-z])/gi,
    mend: 'name it after what it owns',
    bad: ['class KeyManager {}', 'const stringUtils = {};', 'function helper() {}', 'const manager = 1;'],
    good: ['const useful = utility;', 'interface A { manager: string }', 'const { fieldManager } = options;'],
  },
];

/** The same over the whole text, comments and quoted parts too; this file alone is not read, because it spells them out. */
export const textBans: readonly Ban[] = [
  {
    name: 'nothing is left for later',
    pattern: /\b(?:TODO|FIXME|XXX|HACK)\b/g,
    mend: 'do it, or open an issue and leave the code whole without it',
    bad: ['// TODO: later', '/* FIXME */'],
    good: ['HTTP/1.1 400 XXXX', 'a todo list'],
  },
  {
    name: 'no check is switched off without its reason, and none for a whole file',
    pattern:
      /(?:eslint|oxlint)-disable(?!-next-line [^\n]* -- \S|-line [^\n]* -- \S)|biome-ignore|@ts-(?:ignore|nocheck|expect-error)/g,
    mend: 'mend what the checker found, or say why not: `oxlint-disable-next-line RULE -- reason`',
    except: file => file.startsWith('test/types/'),
    bad: ['// oxlint-disable-next-line no-var', '/* oxlint-disable no-var -- because */', '// @ts-ignore'],
    good: ['// oxlint-disable-next-line no-var -- because'],
  },
  {
    name: 'no place of one machine',
    pattern: /(?<![\w.$})\]-])\/(?:work|root)\/[\w.]/g,
    mend: 'make the path relative, or take it from an argument',
    bad: [['const a = "', 'work', 'main', 'x";'].join('/'), ['# ', 'root', '.cache'].join('/')],
    good: ["'sys/generate-root/attempt'", "'pki/root/generate'"],
  },
  {
    name: 'no address of a package registry',
    pattern: /\bregistry\.(?:npmjs|yarnpkg)\b|\bpypi\.org\b|pythonhosted/g,
    mend: 'name the package alone: whoever installs has a registry set up',
    bad: ['https://registry.npmjs.org/a'],
  },
];

import { layerOf, mayImport, siblingOf } from './layers.ts';
import type { Finding } from './finding.ts';
import { type Import, importsOf } from './source/imports.ts';
import { isTest, type Source } from './source/tree.ts';
import { testRule } from './rule.ts';

const eachImport = (
  sources: readonly Source[],
  judge: (source: Source, found: Import) => string | undefined,
): Finding[] =>
  sources
    .filter(source => !isTest(source.path))
    .flatMap(source =>
      importsOf(source).flatMap(found => {
        const message = judge(source, found);
        return message === undefined ? [] : [{ file: source.path, line: found.line, message }];
      }),
    );

const server = 'packages/server/src';

testRule({
  name: 'a layer imports only the layers below it',
  find: sources =>
    eachImport(sources, (source, found) => {
      const from = layerOf(source.path);
      const to = found.target === undefined ? undefined : layerOf(found.target);
      if (from === undefined || to === undefined || from === to) return undefined;
      // The command reaches the server only by `import()`, when it is asked to run it.
      if (from === 'cli' && found.dynamic) return undefined;
      const allowed = mayImport.get(from);
      if (allowed === undefined)
        return `the folder ${from} has no layer: add it to test/tidy/layers.ts with what it may import`;
      if (allowed.includes(to)) return undefined;
      return `${from} must not import ${to} ('${found.specifier}'): move what is shared down to a layer both may import, or hand it in from compose/`;
    }),
  bad: [
    ['packages/schema/src/a.ts', "import { b } from '@coffer/client/b.ts';"],
    ['packages/client/src/a.ts', "import type { b } from '@coffer/server/contracts/b.ts';"],
    ['packages/cli/src/a.ts', "import { b } from '@coffer/server/core/b.ts';"],
    [`${server}/contracts/a.ts`, "import { b } from '../platform/b.ts';"],
    [`${server}/platform/x/a.ts`, "import { b } from '../../core/b.ts';"],
    [`${server}/core/a.ts`, "export * from '../http/b.ts';"],
    [`${server}/core/a.ts`, "const b = await import('../engines/secrets/kv/b.ts');"],
    [`${server}/engines/secrets/kv/a.ts`, "import { b } from '../../../platform/b.ts';"],
    [`${server}/http/a.ts`, "import {\n  b,\n} from '../compose/b.ts';"],
    [`${server}/main.ts`, "import { b } from './core/b.ts';"],
    [`${server}/sundry/a.ts`, "import { b } from '../core/b.ts';"],
  ],
  good: [
    [`${server}/core/a.ts`, "import { b } from '../platform/b.ts';\n// import { c } from '../http/c.ts';"],
    [`${server}/compose/a.ts`, "import { b } from '../engines/registry.ts';"],
    ['packages/cli/src/a.ts', "const b = await import('@coffer/server/main.ts');"],
    ['packages/cli/src/a.ts', "import { b } from '@coffer/client';"],
  ],
});

testRule({
  name: 'engines and providers never import each other',
  find: sources =>
    eachImport(sources, (source, found) => {
      const from = siblingOf(source.path);
      const to = found.target === undefined ? undefined : siblingOf(found.target);
      if (
        from === undefined ||
        to === undefined ||
        from === to ||
        layerOf(source.path) !== layerOf(found.target ?? '')
      ) {
        return undefined;
      }
      return `${from} must not import its sibling ${to}: what both need belongs in contracts/ or schema`;
    }),
  bad: [
    [`${server}/engines/secrets/kv/a.ts`, "import { b } from '../pki/b.ts';"],
    [`${server}/engines/auth/jwt/a.ts`, "import { b } from '../../secrets/kv/b.ts';"],
    [`${server}/providers/aws/a.ts`, "import { b } from '../gcp/b.ts';"],
  ],
  good: [
    [`${server}/engines/secrets/kv/v2/a.ts`, "import { b } from '../b.ts';"],
    [`${server}/engines/registry.ts`, "import { b } from './secrets/kv/b.ts';"],
  ],
});

testRule({
  name: 'a package is imported by its name, never by a way through its folder',
  find: sources =>
    eachImport(sources, (source, found) => {
      const home = source.path.split('/').slice(0, 2).join('/');
      if (!found.specifier.startsWith('.') || found.target === undefined || found.target.startsWith(`${home}/`))
        return undefined;
      return `'${found.specifier}' leaves ${home}: import the other package by its name, as '@coffer/schema/row.ts'`;
    }),
  bad: [['packages/client/src/a.ts', "import { b } from '../../schema/src/b.ts';"]],
  good: [['packages/client/src/a/c.ts', "import { b } from '../b.ts';"]],
});

testRule({
  name: 'a package imports its own files by their place, never by its name: what is met by a name is not published',
  find: sources =>
    eachImport(sources, (source, found) => {
      const home = source.path.split('/').slice(0, 2).join('/');
      if (found.specifier.startsWith('.') || found.target?.startsWith(`${home}/`) !== true) return undefined;
      return `'${found.specifier}' is in the package itself: import it by a path that starts with ./ or ../`;
    }),
  bad: [[`${server}/core/a.ts`, "import { b } from '@coffer/server/platform/b.ts';"]],
  good: [[`${server}/core/a.ts`, "import { b } from '@coffer/schema/b.ts';"]],
});

/** A cycle through `start`, as the files on the way; undefined when there is none. */
const cycleFrom = (start: string, edges: ReadonlyMap<string, readonly string[]>): string[] | undefined => {
  const before = new Map<string, string>();
  const queue = [start];
  for (const file of queue) {
    for (const next of edges.get(file) ?? []) {
      if (next === start) {
        const way = [start];
        for (let at: string | undefined = file; at !== undefined && at !== start; at = before.get(at)) way.push(at);
        return [...way, start].toReversed();
      }
      if (!before.has(next)) {
        before.set(next, file);
        queue.push(next);
      }
    }
  }
  return undefined;
};

testRule({
  name: 'imports make no circle',
  find: sources => {
    const edges = new Map(
      sources.map(source => [
        source.path,
        importsOf(source).flatMap(found => (found.target === undefined ? [] : [found.target])),
      ]),
    );
    return sources.flatMap(({ path }) => {
      const way = cycleFrom(path, edges);
      // Told once, at the first file of the circle by name.
      if (way === undefined || way.some(file => file < path)) return [];
      return [
        {
          file: path,
          line: 1,
          message: `imports itself (${way.join(' → ')}): move what both ends need into a file of its own`,
        },
      ];
    });
  },
  bad: [['packages/schema/src/a.ts', "import { b } from './a.ts';"]],
  good: [['packages/schema/src/a.ts', "import { b } from './b.ts';"]],
});

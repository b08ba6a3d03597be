import { silentIn } from './docstrings.ts';
import type { Finding } from './finding.ts';
import { testRule } from './rule.ts';

/** What applications import by hand. */
const surface = /^packages\/client\/src\/(?:client|kv|keep-alive|node|runtime|errors|fake)\.ts$/;

testRule({
  name: 'what applications use of the client says what it takes, answers and throws',
  find: sources =>
    sources
      .filter(({ path }) => surface.test(path))
      .flatMap(source =>
        silentIn(source).map(
          ({ line, name }): Finding => ({
            file: source.path,
            line,
            message: `${name}: say in /** … */ what it takes, answers and throws, with units`,
          }),
        ),
      ),
  bad: [
    ['packages/client/src/client.ts', '/** File. */\nimport { a } from 1;\n\nexport const b = (): void => a();\n'],
    ['packages/client/src/kv.ts', '/** A. */\nexport class A {\n  put(path: string): void {}\n}\n'],
    [
      'packages/client/src/kv.ts',
      '/** A. */\nexport class A {\n  async call<P extends B<C>>(\n    path: P,\n  ): void {}\n}\n',
    ],
    ['packages/client/src/kv.ts', 'export class A {}\n'],
  ],
  good: [
    ['packages/client/src/client.ts', '/** A. */\nexport const a = (): void => {\n  if (b) c();\n};\n'],
    [
      'packages/client/src/kv.ts',
      '/** A. */\nexport class A {\n  /** Puts. */\n  put(): void {}\n\n  #own(): void {}\n}\n',
    ],
    ['packages/client/src/send.ts', 'export const a = 1;\n'],
  ],
});

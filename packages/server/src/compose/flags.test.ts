import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseFlags } from './flags.ts';

const rows = [
  { name: 'kubeconfig', value: 'PATH', summary: '' },
  { name: 'yes', value: undefined, summary: '' },
] as const;

const told = (word: string, words: RegExp): void =>
  assert.throws(() => parseFlags('coffer x', rows, [word]), { code: 'usage', publicMessage: words } as never);

test('a mistyped flag: what may have been meant, and where all are', () => {
  told(
    '-kubecofig=/canary',
    /^coffer x: unknown argument "kubecofig"\. Did you mean "-kubeconfig"\? See coffer x -help$/,
  );
  told('--yse', /Did you mean "-yes"\?/);
  told('-nothing-like-it', /^coffer x: unknown argument "nothing-like-it"\. See coffer x -help$/);
  told('canary', /^coffer x: unknown argument "canary"\. See/);
});

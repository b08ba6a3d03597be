/** Every generated file as text. The same rows and notes give the same bytes. */
import { cliReference } from 'coffer/reference.ts';
import { apiSource } from '@coffer/schema/derive/api-types.ts';
import { coverageJson, coveragePage } from '@coffer/schema/derive/coverage-page.ts';
import { coverage } from '@coffer/schema/derive/coverage.ts';
import { errorsPage } from '@coffer/schema/derive/errors-page.ts';
import { openApi } from '@coffer/schema/derive/openapi.ts';
import { referencePage } from '@coffer/schema/derive/reference.ts';
import { writeJson } from '@coffer/schema/json/write.ts';
import { kindsPage } from '@coffer/server/kubernetes/api/reference.ts';
import { manifests } from './manifests.ts';
import type { Described } from './rows.ts';
import type { Used } from './used.ts';

export interface Input {
  readonly described: readonly Described[];
  readonly peer: string;
  readonly used: Used;
}

const info = { title: 'Coffer', version: '1', description: 'Every operation of the store, generated from its rows.' };

const openApiText = (described: readonly Described[]): string =>
  `${JSON.stringify(JSON.parse(new TextDecoder().decode(writeJson(openApi(info, described)))), undefined, 1)}\n`;

const pageName = ({ engineType }: Described): string => `docs/reference/${engineType}.md`;

const referenceIndex = (described: readonly Described[]): string =>
  [
    '# Reference',
    '',
    'Every operation and every kind, generated from the rows by `npm run gen`.',
    '',
    ...described.map(page => `- [${page.title}](${page.engineType}.md): ${page.summary}.`),
    '- [Kubernetes kinds](kinds.md): what the operator acts on, field by field.',
    '',
  ].join('\n');

/** The peer has one engine under two names. */
const withoutTwins = (peer: string): string =>
  peer
    .split('\n')
    .filter(line => !line.startsWith('/kv/'))
    .join('\n');

/** File, from the root of the repository → text. */
export const outputs = ({ described, peer, used }: Input): ReadonlyMap<string, string> => {
  const served = described.map(({ peerMount, engineType, rows }) => ({ mountPath: peerMount, engineType, rows }));
  const entries = coverage({ peer: withoutTwins(peer), served, ...used });
  return new Map([
    ['packages/schema/src/api.gen.ts', apiSource(described)],
    ['test/golden/openapi.json', openApiText(described)],
    ['coverage.json', coverageJson(entries)],
    ['docs/coverage.md', coveragePage(entries)],
    ['docs/cli.md', cliReference()],
    ['docs/errors.md', errorsPage()],
    ['docs/reference/kinds.md', kindsPage()],
    ...manifests(),
    ['docs/reference/README.md', referenceIndex(described)],
    ...described.map((page): [string, string] => [pageName(page), referencePage(page)]),
  ]);
};

/** Go's text/template with sprig, as a program that answers lines of JSON: what our templates are held against. */
import path from 'node:path';
import type { Counterpart } from './counterpart.ts';
import { buildTools, type GoTools, getGo, locateTools } from './go.ts';

const program = 'go-template';

const tools: GoTools = {
  name: program,
  module: path.join(import.meta.dirname, program),
  sources: ['main.go'],
  programs: { [program]: '.' },
  linkerFlags: '',
};

export const goTemplate: Counterpart = {
  name: 'text/template of Go with sprig',
  getIt: `${getGo}, then run \`npm test\` again.`,
  locate: cache => {
    const folder = locateTools(tools, cache);
    return folder === undefined ? undefined : path.join(folder, program);
  },
  install: {
    what: 'built from Go modules, checked against their hashes; takes about a minute once',
    run: (cache, say) => buildTools(tools, cache, say),
  },
};

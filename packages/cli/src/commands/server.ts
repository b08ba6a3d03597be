/** Commands that hand their arguments on: what is started reads its own flags, and knows help by one name. */
import { type Command, command } from '../command.ts';

const withOneHelp = (args: readonly string[]): readonly string[] =>
  args.some(word => /^--?h(?:elp)?$/.test(word)) ? ['-help'] : args;

export const serverCommands: readonly Command[] = [
  command({
    name: 'server',
    args: '[-config=PATH...] [-dev]',
    summary: 'Run the server',
    passes: true,
    run: cx => cx.io.server(withOneHelp(cx.args)),
  }),
  command({
    name: 'operator migrate',
    args: '-config=PATH...',
    summary: 'Copy a store from one storage to another, all or nothing',
    passes: true,
    run: cx => cx.io.migrate(withOneHelp(cx.args)),
  }),
  command({
    name: 'dev',
    args: '-kubeconfig=PATH [-context=NAME]',
    summary: 'Run a store with a cluster beside it, set up for each other, to try things out',
    passes: true,
    run: cx => cx.io.dev(withOneHelp(cx.args)),
  }),
];

/** `server`: hands its arguments on; the server reads its own flags, and knows help by one name. */
import { type Command, command } from '../command.ts';

export const serverCommands: readonly Command[] = [
  command({
    name: 'server',
    args: '[-config=PATH...] [-dev]',
    summary: 'Run the server',
    passes: true,
    run: cx => cx.io.server(/^--?h(?:elp)?$/.test(cx.arg(0)) ? ['-help'] : cx.args),
  }),
];

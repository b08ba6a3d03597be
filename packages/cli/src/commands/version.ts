/** `version`. */
import { type Command, command } from '../command.ts';
import { version } from '../version.ts';

export const versionCommands: readonly Command[] = [
  command({
    name: 'version',
    summary: 'Print the version of this command',
    run: async cx =>
      cx.result({
        json: new Map([['version', version]]),
        table: () => `Coffer v${version}`,
        fields: [['version', version]],
      }),
  }),
];

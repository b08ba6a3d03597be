/** `coffer dev`: the embedded store with a cluster beside it; or, with `-clean`, neither any more. */
import { harden, output } from '../../platform/process/process.ts';
import { embeddedFolder } from '../server/embedded.ts';
import { serverCommand } from '../server/server.ts';
import { clean } from './clean.ts';
import { devHelp, parseDevFlags } from './flags.ts';

/** Runs until a signal ends it; answers the exit code. */
export const devCommand = async (argv: readonly string[]): Promise<number> => {
  const flags = parseDevFlags(argv);
  if (flags.has('help')) {
    output.out(devHelp());
    return 0;
  }
  if (!flags.has('clean')) return serverCommand(['-embedded', ...argv]);
  harden();
  await clean({
    kubeconfig: flags.get('kubeconfig') ?? '',
    context: flags.get('context'),
    isMeant: flags.has('yes'),
    folder: embeddedFolder(flags.get('data')),
  });
  return 0;
};

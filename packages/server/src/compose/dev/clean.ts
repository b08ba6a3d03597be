/** `coffer dev -clean`: what was made goes, the kinds with all that is of them; the store and its secrets stay. */
import { kindOf } from '../../platform/files/read.ts';
import { openLog } from '../../platform/log/standard.ts';
import { abort, output } from '../../platform/process/process.ts';
import { embeddedConfiguration } from '../server/embedded.ts';
import { finishFirstStart, prepareFolder } from '../server/first-start.ts';
import { type Running, startServer } from '../server/start.ts';
import { storeClient } from './client.ts';
import { takeFromCluster } from './cluster.ts';
import { type DevOptions, openCluster } from './open.ts';
import { takeFromStore } from './store.ts';
import { clusterLine, storeLine } from './told.ts';

const brokenExit = 70;

/** On a port of its own, for as long as it takes. */
const startStore = async (folder: string): Promise<Running> => {
  const first = await prepareFolder(folder);
  return startServer({
    configuration: embeddedConfiguration({ folder, listen: '127.0.0.1:0', logLevel: 'warn', logFormat: 'standard' }),
    log: openLog({ level: 'warn', format: 'standard', write: line => output.err(line) }),
    fatal: () => abort(brokenExit),
    rootTokenId: first.rootTokenId,
    prepare: core => finishFirstStart(core, first),
  });
};

/** Each line as it comes; a word where none does. */
const listed = async (work: (told: (line: string) => void) => Promise<void>): Promise<void> => {
  let count = 0;
  await work(line => {
    count += 1;
    output.out(line);
  });
  if (count === 0) output.out('    nothing to take away\n');
};

const cleanStore = async (folder: string): Promise<void> => {
  if ((await kindOf(`${folder}/coffer.db`)) === 'none') {
    output.out(`==> No store in ${folder}: nothing to take away there\n`);
    return;
  }
  const running = await startStore(folder);
  try {
    output.out('==> In the store:\n');
    const client = await storeClient(running.addresses[0] ?? '', folder);
    await listed(told => takeFromStore(client, done => told(storeLine(done))));
  } finally {
    await running.close();
  }
};

/** The store goes first: while it runs elsewhere nothing is taken away. */
export const clean = async (options: DevOptions): Promise<void> => {
  const cluster = await openCluster(options, 'take away');
  try {
    await cleanStore(options.folder);
    output.out('==> In the cluster:\n');
    await listed(told => takeFromCluster(cluster, done => told(clusterLine(done))));
  } finally {
    cluster.connection.close();
  }
};

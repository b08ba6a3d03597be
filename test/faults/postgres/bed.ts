/** Stores on servers of a test's own: their options, and links to say things to the server itself. */
import { openLog } from '../../../packages/server/src/platform/log/standard.ts';
import { Connector } from '../../../packages/server/src/platform/postgres/connector.ts';
import type { Answer } from '../../../packages/server/src/platform/postgres/driver.ts';
import { Link } from '../../../packages/server/src/platform/postgres/link.ts';
import { statementsOf } from '../../../packages/server/src/platform/postgres/statements.ts';
import {
  openPostgresStore,
  type PostgresOptions,
  type PostgresStore,
} from '../../../packages/server/src/platform/postgres/store.ts';
import { parseTarget } from '../../../packages/server/src/platform/postgres/target.ts';
import { password } from '../../peers/postgres/programs.ts';

const limitMs = 30_000;

export class Bed {
  readonly lines: string[] = [];
  readonly fatal: string[] = [];
  readonly log = openLog({ level: 'debug', format: 'standard', write: line => this.lines.push(line) });

  open(url: string, more: Partial<PostgresOptions> = {}): Promise<PostgresStore> {
    return openPostgresStore({
      target: parseTarget(url, () => undefined),
      log: this.log.part('storage'),
      fatal: error => this.fatal.push(error.message),
      ...more,
    });
  }

  /** Nothing it said has the password. */
  get quiet(): boolean {
    const all = [...this.lines, ...this.fatal].join('\n');
    return !all.includes(password) && !all.includes(encodeURIComponent(password));
  }
}

/** Says one thing to a server, on a connection of its own without the settings of a store. */
export const say = async (url: string, text: string): Promise<Answer> => {
  const link = await bareLink(url);
  try {
    return await link.ask({ statement: { name: '', text }, values: [] }, limitMs);
  } finally {
    link.destroy();
  }
};

export const bareLink = (url: string): Promise<Link> => {
  const target = parseTarget(url, () => undefined);
  const [host] = target.hosts;
  if (host === undefined) throw new Error('no host');
  return Link.open({ target, host, tls: false, connectMs: limitMs });
};

/** One as a store has it. */
export const storeLink = (bed: Bed, url: string): Promise<Link> =>
  new Connector({
    target: parseTarget(url, () => undefined),
    log: bed.log,
    hello: statementsOf('coffer').hello,
  }).open();

/** Opens all servers of a run: the store with audit and without, the bare server, and the other one where there is one. */
import path from 'node:path';
import { need } from '../counterparts/counterpart.ts';
import { postgres18 } from '../counterparts/postgres.ts';
import { PostgresPlace } from '../peers/postgres/programs.ts';
import { startPostgres } from '../peers/postgres/server.ts';
import type { Against } from './options.ts';
import type { Bench } from './setting.ts';
import type { Api } from './target/api.ts';
import { startBare } from './target/bare.ts';
import type { ServerChild } from './target/child.ts';
import { type CofferOptions, initialise, startCoffer } from './target/coffer.ts';
import { cleanUp, prepareKeys, prepareToken } from './target/prepare.ts';
import type { Target } from './target/target.ts';

export interface Targets {
  readonly targets: readonly Target[];
  readonly bare: ServerChild;
  close(): Promise<void>;
}

interface Opened {
  readonly target: Target;
  close(): Promise<void>;
}

export const openTargets = async (bench: Bench): Promise<Targets> => {
  const { cores, folder, options } = bench;
  const bare = await startBare(cores.server, folder);
  const opened: Opened[] = [];
  try {
    opened.push(await openCoffer(bench, true), await openCoffer(bench, false));
    if (options.anchor) opened.push(await openAnchored(bench));
    if (options.storage !== undefined) opened.push(await openOnPostgres(bench));
    if (options.against !== undefined) opened.push(await openAgainst(bench, options.against));
  } catch (cause) {
    await closeAll(bare, opened);
    throw cause;
  }
  const limit: Target = { name: 'limit', host: '127.0.0.1', port: bare.port, token: 'none', pid: bare.pid };
  return { targets: [...opened.map(({ target }) => target), limit], bare, close: () => closeAll(bare, opened) };
};

const closeAll = async (bare: ServerChild, opened: readonly Opened[]): Promise<void> => {
  for (const one of opened) await one.close();
  await bare.stop();
};

const openCoffer = (bench: Bench, audit: boolean): Promise<Opened> => {
  const name = audit ? 'audit on' : 'audit off';
  return openOnSqlite(bench, name, { folder: path.join(bench.folder, name.replace(' ', '-')), audit });
};

const openAnchored = (bench: Bench): Promise<Opened> => {
  const folder = path.join(bench.folder, 'anchored');
  return openOnSqlite(bench, 'anchored', { folder, audit: true, anchor: path.join(bench.folder, 'anchor') });
};

const openOnSqlite = async (
  { cores, generator, say }: Bench,
  name: Target['name'],
  options: Omit<CofferOptions, 'core'>,
): Promise<Opened> => {
  say(`preparing a store, ${name} …`);
  const coffer = await startCoffer({ ...options, core: cores.server });
  const root = await initialise(coffer);
  const user = await prepareToken(root);
  await prepareKeys(root, user, generator);
  return { target: { ...user, name, pid: coffer.pid }, close: () => coffer.stop() };
};

/** The database is on this machine, and free to run on any core. */
const openOnPostgres = async ({ cores, folder, generator, say }: Bench): Promise<Opened> => {
  say('preparing a store on PostgreSQL …');
  const { skip, path: native } = need(postgres18);
  if (skip !== false) throw new Error(skip);
  const place = new PostgresPlace(native);
  const database = await startPostgres(place);
  const storage = `storage "postgresql" {\n  connection_url = "${database.url()}"\n}`;
  const coffer = await startCoffer({
    folder: path.join(folder, 'postgresql'),
    core: cores.server,
    audit: true,
    storage,
  });
  const root = await initialise(coffer);
  const user = await prepareToken(root);
  await prepareKeys(root, user, generator);
  const close = async (): Promise<void> => {
    await coffer.stop();
    await database.stop();
    place.remove();
  };
  return { target: { ...user, name: 'postgresql', pid: coffer.pid }, close };
};

const openAgainst = async ({ generator, say }: Bench, { url, token, pid }: Against): Promise<Opened> => {
  say(`preparing ${url.host} …`);
  if (url.protocol !== 'http:') throw new Error('--against: only http:// addresses can be measured');
  const root: Api = { host: url.hostname, port: Number(url.port || 80), token };
  const user = await prepareToken(root);
  await prepareKeys(root, user, generator);
  return { target: { ...user, name: 'against', pid }, close: () => cleanUp(root, user) };
};

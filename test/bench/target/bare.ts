/** The limit: a `node:http` server that reads the request and answers bytes it was given, and does nothing else. */
import path from 'node:path';
import type { Told } from './api.ts';
import type { BareAnswer } from './bare-main.ts';
import { type ServerChild, startChild } from './child.ts';

const program = path.join(import.meta.dirname, 'bare-main.ts');
const own: ReadonlySet<string> = new Set(['date', 'connection', 'keep-alive', 'content-length', 'transfer-encoding']);

export const startBare = (core: number | undefined, folder: string): Promise<ServerChild> =>
  startChild({ command: [process.execPath, program], core, folder });

/** From now on it answers what the store answered: the same status, headers and bytes. */
export const teach = (bare: ServerChild, { status, headers, body }: Told): Promise<void> =>
  new Promise(done => {
    const kept = headers.filter(([name]) => !own.has(name.toLowerCase()));
    bare.child.once('message', () => done());
    bare.child.send({ status, headers: kept, body: body.toString() } satisfies BareAnswer);
  });

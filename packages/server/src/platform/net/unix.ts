/** Unix sockets: made under another name, given their mode, then moved into place, over one that a dead server left. */
import { once } from 'node:events';
import { chmod, lstat, rename, rm } from 'node:fs/promises';
import { connect, type Server } from 'node:net';

/** Rejects where somebody already listens at `path`, or something else than a socket is there. */
export async function listenUnix(server: Server, path: string, mode: number): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found !== undefined && !found.isSocket()) throw new Error(`${path} exists and is not a socket`);
  if (await isAnswering(path)) throw new Error(`another process listens on ${path}`);
  const temporary = `${path}~`;
  await rm(temporary, { force: true });
  server.listen(temporary);
  await once(server, 'listening');
  await chmod(temporary, mode);
  await rename(temporary, path);
}

export const removeUnix = (path: string): Promise<void> => rm(path, { force: true });

function isAnswering(path: string): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(path);
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

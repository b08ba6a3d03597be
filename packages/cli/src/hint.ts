/** What to do next, where the server's own words do not say it: one line, or nothing. */
import { ServerError } from '@coffer/client/errors.ts';
import { TransportError } from '@coffer/client/transport.ts';
import type { CofferError } from '@coffer/schema/errors.ts';
import type { Command } from './command.ts';
import type { Cx } from './cx.ts';
import { setting } from '@coffer/client/environment.ts';
import { missingMount } from './missing-mount.ts';
import { currentToken } from './token-file.ts';

const noToken = 'No token was sent: set COFFER_TOKEN, or use "coffer login".';
const closed =
  'A sealed store is opened with "coffer operator unseal", or by a restart where its seal opens by itself; a new one is made with ' +
  '"coffer operator init".';
const unset =
  'COFFER_ADDR is not set. A server without TLS, such as that of "npm start": export COFFER_ADDR=http://127.0.0.1:8200';
const nobodyThere = 'Nothing listens there: is the server running, and is COFFER_ADDR its address?';

/** Paths whose mounts are looked for after a refusal. */
const soughtLimit = 10;

const missing = async (error: CofferError, command: Command, cx: Cx): Promise<string | undefined> => {
  const client = await cx.questions();
  const isAllowed = error instanceof ServerError && error.status === 404;
  for (const sought of (await command.seeks(cx)).slice(0, soughtLimit)) {
    const found = await missingMount(client, sought, isAllowed);
    if (found !== undefined) return found;
  }
  return undefined;
};

const noConnection = ({ cause }: CofferError, cx: Cx): string | undefined => {
  const isGiven =
    ['address', 'agent-address'].some(name => cx.flags.has(name)) || setting(cx.io.env, 'ADDR') !== undefined;
  if (!isGiven) return unset;
  return cause instanceof TransportError && !cause.sent && cause.message === 'connection refused'
    ? nobodyThere
    : undefined;
};

export const hintFor = async (error: CofferError, command: Command, cx: Cx): Promise<string | undefined> => {
  if (error.code === 'sealed') return closed;
  if (error.code === 'unreachable') return noConnection(error, cx);
  if (error.code !== 'permission_denied' && error.code !== 'not_found') return undefined;
  if ((await currentToken(cx.io)) !== undefined) return missing(error, command, cx);
  return error.code === 'permission_denied' ? noToken : undefined;
};

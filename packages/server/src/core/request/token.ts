/**
 * Finds the caller's token. Open rows ask for none; a row that names the token header takes one if it is given. A body
 * may take as long as its sender likes: after one that had to be waited for, token and policies are asked again.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Core } from './core.ts';
import type { Authenticated, Exchange } from './exchange.ts';
import type { Stage } from './stage.ts';

const bearer = 'Bearer ';

export const tokenStage: Stage = {
  name: 'token',
  run: (exchange, core) => {
    const row = exchange.matched?.row;
    const text = tokenText(exchange);
    const open = row?.access === 'open' && !exchange.wantsHelp;
    if (open && (text === undefined || !row.headers.includes('x-vault-token'))) return undefined;
    if (text === undefined) throw new CofferError('permission_denied', 'permission denied');
    return authenticate(exchange, core, text);
  },
};

const tokenText = (exchange: Exchange): string | undefined => {
  const { headers } = exchange.wire;
  const own = headers.get('x-vault-token');
  if (own !== undefined && own !== '') return own;
  const authorization = headers.get('authorization');
  return authorization?.startsWith(bearer) === true ? authorization.slice(bearer.length) : undefined;
};

const authenticate = (exchange: Exchange, core: Core, text: string): void | Promise<void> => {
  const found = core.tokens.authenticate(text, exchange.wire.peer.address);
  if (found instanceof Promise) return found.then(token => settle(exchange, core, { text, token }));
  return settle(exchange, core, { text, token: found });
};

const settle = (
  exchange: Exchange,
  core: Core,
  shown: { text: string; token: Authenticated['token'] | undefined },
): void | Promise<void> => {
  const { text, token } = shown;
  if (token === undefined) throw new CofferError('permission_denied', 'permission denied');
  if (token.usesLeft !== 0) exchange.afterwards.push(core.uses.enter(token));
  const acl = core.policies.aclFor(token);
  if (acl instanceof Promise)
    return acl.then(ready => {
      exchange.caller = { text, token, acl: ready };
    });
  exchange.caller = { text, token, acl };
  return undefined;
};

/**
 * The caller as of now; no use is counted. Throws `permission_denied` where the token no longer lives, and leaves the
 * exchange as it was: audit names the token that was revoked.
 */
export const askAgain = async (exchange: Exchange, core: Core): Promise<void> => {
  const { caller } = exchange;
  if (caller === undefined) return;
  const token = await core.tokens.admitted(caller.token);
  if (token === undefined) throw new CofferError('permission_denied', 'permission denied');
  exchange.caller = { text: caller.text, token, acl: await core.policies.aclFor(token) };
};

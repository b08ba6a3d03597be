/** Finds the caller's token. Open rows ask for none; a row that names the token header takes one if it is given. */
import { CofferError } from '@coffer/schema/errors.ts';
import { spent } from '../tokens/token.ts';
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
  if (token.usesLeft === spent) exchange.afterwards.push(() => core.revocation.revoke(token.accessor));
  const acl = core.policies.aclFor(token);
  if (acl instanceof Promise)
    return acl.then(ready => {
      exchange.caller = { text, token, acl: ready };
    });
  exchange.caller = { text, token, acl };
  return undefined;
};

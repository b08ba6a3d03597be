/**
 * Finds the caller's token. Open rows ask for none; a row that names the token header takes one if it is given. A body
 * may take as long as its sender likes: after one that had to be waited for, token and policies are asked again.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import { invalidWrappingToken, isWrapping } from '../wrapping/wrapped.ts';
import type { Core } from './core.ts';
import type { Authenticated, Exchange } from './exchange.ts';
import { isOpen } from './open.ts';
import { shownToken } from './shown-token.ts';
import type { Stage } from './stage.ts';

export const tokenStage: Stage = {
  name: 'token',
  run: (exchange, core) => {
    const row = exchange.matched?.row;
    const text = shownToken(exchange.wire.headers);
    if (isOpen(exchange) && (text === undefined || row?.headers.includes('x-vault-token') !== true)) return undefined;
    if (text === undefined) throw new CofferError('permission_denied', 'permission denied');
    if (row?.wrappingToken === true) return wrappingCaller(exchange, core, text);
    return authenticate(exchange, core, text);
  },
};

/**
 * A wrapping token is spent by the row that opens it, and by nothing before that: a request that fails on its way, as
 * where audit cannot take it, must not have lost what the token holds.
 */
const wrappingCaller = async (exchange: Exchange, core: Core, shown: string): Promise<void> => {
  const text = await core.wrapping.innerText(shown);
  const found = await core.tokens.find(text);
  const token =
    found !== undefined && isWrapping(found) ? found : await core.tokens.authenticate(text, addressOf(exchange));
  // Whether that is the end of a wrapping token or a stranger, the body tells: the policy stage refuses.
  if (token === undefined) return;
  if (token === found) exchange.caller = { text, token, acl: await core.policies.aclFor(token) };
  else await settle(exchange, core, { text, token });
};

/** Of a caller who is not known (any more): who names another token in the body is refused for itself. */
export const strangerRefusal = ({ matched, members, wire }: Exchange): CofferError => {
  const named = members?.get('token')?.value() ?? '';
  const aboutItself = named === '' || named === shownToken(wire.headers);
  return matched?.row.wrappingToken === true && aboutItself
    ? invalidWrappingToken()
    : new CofferError('permission_denied', 'permission denied');
};

const addressOf = ({ wire }: Exchange): string => wire.peer.address;

const authenticate = (exchange: Exchange, core: Core, text: string): void | Promise<void> => {
  const found = core.tokens.authenticate(text, addressOf(exchange));
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
 * The caller as of now; no use is counted. Throws where the token no longer lives, and leaves the
 * exchange as it was: audit names the token that was revoked.
 */
export const askAgain = async (exchange: Exchange, core: Core): Promise<void> => {
  const { caller } = exchange;
  if (caller === undefined) return;
  const token = await core.tokens.admitted(caller.token);
  if (token === undefined) throw strangerRefusal(exchange);
  exchange.caller = { text: caller.text, token, acl: await core.policies.aclFor(token) };
};

/**
 * Makes the token of a login: an auth method only says who the caller is. What is no auth method and asks for a token has
 * a fault, and there is no token afterwards.
 */
import type { Core } from './core.ts';
import type { Exchange } from './exchange.ts';
import { mintLogin } from '../logins/mint.ts';
import type { Stage } from './stage.ts';

export const loginStage: Stage = {
  name: 'login',
  run: (exchange, core) => (exchange.reply?.extras.login === undefined ? undefined : login(exchange, core)),
};

const login = async (exchange: Exchange, core: Core): Promise<void> => {
  const { reply, mount, matched } = exchange;
  const asked = reply?.extras.login;
  exchange.reply = undefined;
  if (asked === undefined) return;
  if (mount?.record.class !== 'auth' || matched?.row.pure !== false)
    throw new TypeError('only a row of an auth method that is not pure asks for a token');
  exchange.reply = await mintLogin(core, exchange, asked);
};

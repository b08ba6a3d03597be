/**
 * Keeps an answer back where that was asked: it is stored under a new wrapping token, which goes out in its place. An
 * answer without content is not wrapped: unwrapping would find nothing. Where storing fails, the request fails.
 */
import { writeJson } from '@coffer/schema/json/write.ts';
import { RawJson } from '@coffer/schema/json/raw.ts';
import type { Core } from './core.ts';
import { nothingToSay } from './encode.ts';
import { envelope } from './envelope.ts';
import type { Exchange } from './exchange.ts';
import type { Stage } from './stage.ts';
import type { WrapAsked } from './wrap-header.ts';

export const wrapStage: Stage = {
  name: 'wrap',
  run: (exchange, core) => {
    const { wrap, wrapped, wantsHelp } = exchange;
    if (wrap === undefined || wrapped !== undefined || wantsHelp) return undefined;
    return nothingToSay(exchange) === undefined ? keepBack(exchange, core, wrap) : undefined;
  },
};

const keepBack = async (exchange: Exchange, core: Core, wrap: WrapAsked): Promise<void> => {
  const { reply, path } = exchange;
  const accessor = reply?.extras.auth?.['accessor'];
  exchange.wrapped = await core.wrapping.wrap({
    ...wrap,
    path,
    answer: {
      status: reply?.extras.status ?? exchange.matched?.row.status ?? 200,
      body: new RawJson(writeJson(envelope(exchange))),
    },
    wrappedAccessor: typeof accessor === 'string' ? accessor : '',
  });
};

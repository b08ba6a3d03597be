/** Reads method and target: which path, which verb. The raw target is parsed here and nowhere else. */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Verb } from '@coffer/schema/row.ts';
import type { Exchange } from './exchange.ts';
import type { Stage } from './stage.ts';
import { listPath, parseTarget } from './target.ts';
import { askedWrap } from './wrap-header.ts';

const verbByMethod: ReadonlyMap<string, Verb> = new Map<string, Verb>([
  ['GET', 'read'],
  ['HEAD', 'read'],
  ['LIST', 'list'],
  ['SCAN', 'scan'],
  ['POST', 'write'],
  ['PUT', 'write'],
  ['PATCH', 'patch'],
  ['DELETE', 'delete'],
]);
const truths: ReadonlySet<string> = new Set(['1', 't', 'T', 'true', 'TRUE', 'True']);
const falsehoods: ReadonlySet<string> = new Set(['0', 'f', 'F', 'false', 'FALSE', 'False']);

export const targetStage: Stage = {
  name: 'target',
  run: exchange => {
    const target = parseTarget(exchange.wire.rawTarget);
    exchange.path = target.path;
    exchange.query = target.query;
    exchange.wrap = askedWrap(exchange.wire.headers);
    exchange.verb = verbOf(exchange);
    if (exchange.verb === 'list' || exchange.verb === 'scan') exchange.path = listPath(target.path);
    exchange.operation = exchange.wantsHelp ? 'help' : exchange.verb === 'write' ? 'update' : exchange.verb;
  },
};

const verbOf = (exchange: Exchange): Verb => {
  const method = exchange.wire.method;
  if (method === 'OPTIONS') throw new CofferError('invalid_request', 'cannot handle internal-only request operation');
  const verb = verbByMethod.get(method);
  if (verb === undefined) throw new CofferError('method_not_allowed', '');
  if (method !== 'GET' || exchange.query.size === 0) return verb;
  const list = asked(exchange, 'list');
  const scan = asked(exchange, 'scan');
  if (list && scan) throw new CofferError('invalid_request', 'only one of "list" and "scan" can be asked for');
  exchange.wantsHelp = asked(exchange, 'help');
  return list ? 'list' : scan ? 'scan' : verb;
};

const asked = (exchange: Exchange, name: string): boolean => {
  const value = exchange.query.get(name)?.[0];
  if (value === undefined || value === '' || falsehoods.has(value)) return false;
  if (truths.has(value)) return true;
  throw new CofferError('invalid_request', `query parameter "${name}": expected true or false`);
};

/** Rows that say what a token may do on paths. */
import { CofferError } from '@coffer/schema/errors.ts';
import { t } from '@coffer/schema/fields/t.ts';
import type { Out } from '@coffer/schema/out.ts';
import type { Token } from '../tokens/token.ts';
import { callerOf, type SystemCx, write } from './context.ts';

const pathsField = t.list('Paths to ask about', { aliases: ['path'] });
const out = { capabilities: t.list('What the token may do; only where one path was asked') } as const;
const pathsLimit = 1000;

const answer = async (cx: SystemCx, token: Token, paths: readonly string[] | undefined) => {
  if (paths === undefined || paths.length === 0) throw new CofferError('invalid_request', 'paths must be supplied');
  if (paths.length > pathsLimit)
    throw new CofferError('invalid_request', `at most ${pathsLimit} paths can be asked at once`);
  const acl = await cx.core.policies.aclFor(token);
  const found = new Map<string, Out>(paths.map(path => [path, acl.capabilities(path.replace(/^\//, ''))]));
  const [only] = found.values();
  if (found.size === 1) found.set('capabilities', only);
  return Object.fromEntries(found);
};

const pure = true;

export const capabilityRows = [
  write(
    'capabilities-self',
    { summary: 'Say what the calling token may do', in: { paths: pathsField }, out, legacyTopLevel: true, pure },
    (cx, { paths }) => answer(cx, callerOf(cx).token, paths),
  ),
  write(
    'capabilities',
    {
      summary: 'Say what a token may do',
      in: { paths: pathsField, token: t.secret('The token', { required: true }) },
      out,
      legacyTopLevel: true,
      pure,
    },
    async (cx, { token, paths }) => {
      const found = await cx.core.tokens.find(token.revealText());
      if (found === undefined) throw new CofferError('invalid_request', 'invalid token');
      return answer(cx, found, paths);
    },
  ),
  write(
    'capabilities-accessor',
    {
      summary: 'Say what the token of an accessor may do',
      in: { paths: pathsField, accessor: t.string('The accessor', { required: true }) },
      out,
      legacyTopLevel: true,
      pure,
    },
    async (cx, { accessor, paths }) => {
      const found = await cx.core.tokens.findByAccessor(accessor);
      if (found === undefined) throw new CofferError('invalid_request', 'invalid accessor');
      return answer(cx, found, paths);
    },
  ),
];

/** Rows that list policies: their names, or all that there is of them. */
import { CofferError } from '@coffer/schema/errors.ts';
import { t } from '@coffer/schema/fields/t.ts';
import { foldedName } from '@coffer/schema/folded-name.ts';
import type { Out } from '@coffer/schema/out.ts';
import type { StoredPolicy } from '../policies/store.ts';
import { list, read, type SystemCx } from './context.ts';

/** Policies that one answer shows with their texts. */
const detailedLimit = 1000;

const listFields = {
  prefix: t.path('Only policies whose names begin with this and a slash', { folds: true }),
  after: t.string('Answer only names behind this one, which need not exist', { default: '' }),
  limit: t.limit('Most names answered; 0, a negative number or "max" for all', { default: 0 }),
} as const;
const listOut = { keys: t.list('Names of the policies, in whole') } as const;
const legacyListOut = { ...listOut, policies: t.list('The same') } as const;

interface ListArgs {
  readonly prefix?: string | undefined;
  readonly after: string;
  readonly limit: number;
}

const names = async ({ core }: SystemCx, { prefix, after, limit }: ListArgs): Promise<readonly string[]> => {
  const folder = foldedName(prefix ?? '').replace(/\/$/, '');
  const all = await core.policies.names();
  const wanted = all.filter(name => name > after && (folder === '' || name.startsWith(`${folder}/`)));
  return limit === 0 ? wanted : wanted.slice(0, limit);
};

const listed = async (cx: SystemCx, args: ListArgs) => {
  const keys = await names(cx, args);
  return keys.length === 0 ? undefined : { keys };
};

const legacyListed = async (cx: SystemCx, args: ListArgs) => {
  const keys = await names(cx, args);
  return keys.length === 0 ? undefined : { keys, policies: keys };
};

/** As the read of one tells it. */
export const policyInfo = ({ name, text, version, modifiedAtMs, casRequired }: StoredPolicy) => ({
  name,
  policy: text,
  ...(version === 0 ? {} : { version, modified: new Date(modifiedAtMs), cas_required: casRequired }),
});

export const rootInfo: StoredPolicy = { name: 'root', text: '', version: 0, modifiedAtMs: 0, casRequired: false };

const detailed = async (cx: SystemCx, args: ListArgs) => {
  const keys = await names(cx, args);
  if (keys.length === 0) return undefined;
  if (keys.length > detailedLimit)
    throw new CofferError('invalid_request', `more than ${detailedLimit} policies: ask with "limit" and "after"`);
  const info = new Map<string, Out>();
  for (const name of keys) {
    const policy = name === rootInfo.name ? rootInfo : await cx.core.policies.get(name);
    if (policy !== undefined) info.set(name, policyInfo(policy));
  }
  return { keys: [...info.keys()], key_info: info };
};

const everything: ListArgs = { after: '', limit: 0 };

export const policyListRows = [
  list('policies/acl/:prefix*?', { summary: 'List the policies', in: listFields, out: listOut }, listed),
  list(
    'policies/detailed/acl/:prefix*?',
    {
      summary: 'List the policies with their texts',
      in: listFields,
      out: { ...listOut, key_info: t.map('Each as the read of it answers') },
    },
    detailed,
  ),
  read(
    'policy',
    { summary: 'List the policies, older form', out: legacyListOut, legacyTopLevel: true, aliases: ['policy/'] },
    cx => legacyListed(cx, everything),
  ),
  list(
    'policy/:prefix*?',
    { summary: 'List the policies, older form', in: listFields, out: legacyListOut, legacyTopLevel: true },
    legacyListed,
  ),
];

/** Rows that make tokens. */
import { CofferError } from '@coffer/schema/errors.ts';
import { t } from '@coffer/schema/fields/t.ts';
import { Reply } from '@coffer/schema/row.ts';
import { rootNamespace } from '../namespaces/namespace.ts';
import { policyName } from '../policies/names.ts';
import { callerOf, type SystemCx, write } from '../system/context.ts';
import { authAnswer } from './answer.ts';
import type { TokenRequest } from './draft.ts';
import { draftToken } from './draft.ts';
import { chosenId } from './format.ts';
import { tokenTtl } from './mount-ttl.ts';
import type { TokenRole } from './role.ts';

const createFields = {
  id: t.string('The token itself, chosen; needs sudo', { default: '' }),
  policies: t.list('Policies of the token; those of the parent where none are named', { default: [] }),
  meta: t.keyvalues('Shown in lookups and in audit'),
  no_parent: t.boolean('Outlives the token that makes it; needs sudo', { default: false }),
  no_default_policy: t.boolean('Without the policy default', { default: false }),
  renewable: t.boolean('May be renewed', { default: true }),
  ttl: t.duration('Time to live', { default: 0, aliases: ['lease'] }),
  explicit_max_ttl: t.duration('Longest life, renewals included', { default: 0 }),
  period: t.duration('Renewed for this long each time, without end; needs sudo', { default: 0 }),
  display_name: t.string('Shown in audit', { default: '' }),
  num_uses: t.integer('How many requests it is good for; 0 without limit', { default: 0 }),
  type: t.string('service or batch', { default: '' }),
  entity_alias: t.string('Accepted where the role allows it', { default: '' }),
} as const;

interface CreateArgs {
  readonly id: string;
  readonly policies: readonly string[];
  readonly meta?: ReadonlyMap<string, string> | undefined;
  readonly no_parent: boolean;
  readonly no_default_policy: boolean;
  readonly renewable: boolean;
  readonly ttl: number;
  readonly explicit_max_ttl: number;
  readonly period: number;
  readonly display_name: string;
  readonly num_uses: number;
  readonly type: string;
  readonly entity_alias: string;
}

interface Place {
  readonly path: string;
  readonly orphan: boolean;
  readonly role: TokenRole | undefined;
}

const requestOf = (args: CreateArgs, place: Place): TokenRequest => ({
  policies: args.policies.filter(name => name.trim() !== '').map(name => policyName(name)),
  meta: args.meta,
  noParent: args.no_parent,
  noDefaultPolicy: args.no_default_policy,
  renewable: args.renewable,
  ttlSeconds: args.ttl,
  explicitMaxTtlSeconds: args.explicit_max_ttl,
  periodSeconds: args.period,
  displayName: args.display_name,
  numUses: args.num_uses,
  type: args.type,
  id: args.id,
  path: place.path,
  namespaceId: rootNamespace.id,
});

const create = async (cx: SystemCx, args: CreateArgs, place: Place): Promise<Reply> => {
  const { core, exchange } = cx;
  const { token, acl } = callerOf(cx);
  if (args.entity_alias !== '') refuseAlias(place.role);
  const wrapTtlSeconds = exchange.wrap?.ttlSeconds;
  const sudo = acl.decide({ path: exchange.path, capability: 'sudo', wrapTtlSeconds }).allowed;
  const { draft, warnings } = draftToken(requestOf(args, place), {
    token,
    sudo,
    role: place.role,
    makesOrphans: place.orphan,
    address: exchange.wire.peer.address,
    nowSeconds: core.tokens.nowSeconds(),
    ...tokenTtl(core),
  });
  const made = await core.tokens.make(draft, args.id === '' ? undefined : chosenId(args.id));
  const unknown = await unknownPolicies(cx, made.token.policies);
  return new Reply(undefined, {
    auth: authAnswer(made.token, made.text, core.tokens.nowSeconds()),
    warnings: [...warnings, ...unknown],
  });
};

const refuseAlias = (role: TokenRole | undefined): never => {
  throw new CofferError(
    'invalid_request',
    role === undefined
      ? 'entity_alias needs a token role that allows it'
      : `role "${role.name}" cannot bind an entity: identities are not part of this store`,
  );
};

const unknownPolicies = async ({ core }: SystemCx, names: readonly string[]): Promise<readonly string[]> => {
  const warnings: string[] = [];
  for (const name of names) {
    if (name !== 'root' && (await core.policies.get(name)) === undefined)
      warnings.push(`Policy "${name}" does not exist`);
  }
  return warnings;
};

const out = {} as const;
const serviceOnly = 'batch tokens cannot create more tokens';

export const createRows = [
  write('create', { summary: 'Make a token', in: createFields, out, serviceOnly }, (cx, args) =>
    create(cx, args, { path: 'auth/token/create', orphan: false, role: undefined }),
  ),
  write(
    'create-orphan',
    { summary: 'Make a token without a parent', in: createFields, out, access: 'sudo', serviceOnly },
    (cx, args) => create(cx, args, { path: 'auth/token/create', orphan: true, role: undefined }),
  ),
  write(
    'create/:role_name',
    {
      summary: 'Make a token through a role',
      in: { ...createFields, role_name: t.name('The role') },
      out,
      serviceOnly,
    },
    async (cx, args) => {
      const role = (await cx.core.tokenRoles.get(args.role_name))?.record;
      if (role === undefined) throw new CofferError('invalid_request', `unknown role ${args.role_name}`);
      return create(cx, args, { path: `auth/token/create/${role.name}`, orphan: false, role });
    },
  ),
];

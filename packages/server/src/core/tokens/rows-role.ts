/** Rows of token roles. */
import { CofferError } from '@coffer/schema/errors.ts';
import { t } from '@coffer/schema/fields/t.ts';
import { parseNetwork } from '../../platform/net/cidr.ts';
import { list, read, remove, write } from '../system/context.ts';
import type { TokenRole } from './role.ts';

const nameField = t.name('Name of the role');
const tokenTypes = ['default-service', 'default-batch', 'service', 'batch', 'default'] as const;
const roleFields = {
  role_name: nameField,
  allowed_policies: t.list('Policies its tokens may have'),
  disallowed_policies: t.list('Policies its tokens may not have'),
  allowed_policies_glob: t.list('The same, with *'),
  disallowed_policies_glob: t.list('The same, with *'),
  allowed_entity_aliases: t.list('Aliases its tokens may be bound to'),
  orphan: t.boolean('Its tokens have no parent'),
  renewable: t.boolean('Its tokens may be renewed'),
  path_suffix: t.string('Added to the path of its tokens'),
  token_bound_cidrs: t.list('Networks its tokens work from', { aliases: ['bound_cidrs'] }),
  token_strictly_bind_ip: t.boolean('Its tokens work only from the address that asked for them'),
  token_explicit_max_ttl: t.duration('Longest life of its tokens', { aliases: ['explicit_max_ttl'] }),
  token_no_default_policy: t.boolean('Its tokens do not get the policy default'),
  token_num_uses: t.integer('Requests its tokens are good for'),
  token_period: t.duration('Its tokens are renewed for this long, without end', { aliases: ['period'] }),
  token_type: t.oneOf(tokenTypes, 'Kind of its tokens'),
} as const;

const newRole: TokenRole = {
  name: '',
  allowedPolicies: [],
  disallowedPolicies: [],
  allowedPoliciesGlob: [],
  disallowedPoliciesGlob: [],
  allowedEntityAliases: [],
  orphan: false,
  renewable: true,
  pathSuffix: '',
  boundCidrs: [],
  explicitMaxTtlSeconds: 0,
  noDefaultPolicy: false,
  numUses: 0,
  periodSeconds: 0,
  tokenType: 'default-service',
};

const answer = (role: TokenRole) => ({
  name: role.name,
  allowed_policies: role.allowedPolicies,
  disallowed_policies: role.disallowedPolicies,
  allowed_policies_glob: role.allowedPoliciesGlob,
  disallowed_policies_glob: role.disallowedPoliciesGlob,
  allowed_entity_aliases: role.allowedEntityAliases,
  orphan: role.orphan,
  renewable: role.renewable,
  path_suffix: role.pathSuffix,
  token_bound_cidrs: role.boundCidrs,
  token_explicit_max_ttl: role.explicitMaxTtlSeconds,
  explicit_max_ttl: role.explicitMaxTtlSeconds,
  token_no_default_policy: role.noDefaultPolicy,
  token_num_uses: role.numUses,
  token_period: role.periodSeconds,
  period: role.periodSeconds,
  token_strictly_bind_ip: role.strictlyBindIp ?? false,
  token_type: role.tokenType,
});

const checkedNetworks = (networks: readonly string[]): readonly string[] => {
  const bad = networks.findIndex(network => parseNetwork(network) === undefined);
  if (bad >= 0)
    throw new CofferError('invalid_request', `token_bound_cidrs: entry ${bad + 1} is no address or network`);
  return networks;
};

const refuseNegative = ({ explicitMaxTtlSeconds, periodSeconds, numUses }: TokenRole): void => {
  if (numUses < 0) throw new CofferError('invalid_request', 'token_num_uses cannot be negative');
  if (Math.min(explicitMaxTtlSeconds, periodSeconds) < 0)
    throw new CofferError('invalid_request', 'token_period and token_explicit_max_ttl cannot be negative');
};

const lowered = (names: readonly string[]): readonly string[] => names.map(name => name.trim().toLowerCase());

export const roleRows = [
  list('roles', { summary: 'List the token roles', out: { keys: t.list('Names') } }, async ({ core }) => {
    const keys = await core.tokenRoles.ids();
    return keys.length === 0 ? undefined : { keys };
  }),
  read(
    'roles/:role_name',
    { summary: 'Read a token role', in: { role_name: nameField }, out: roleFields },
    async ({ core }, { role_name }) => {
      const role = (await core.tokenRoles.get(role_name))?.record;
      return role === undefined ? undefined : answer(role);
    },
  ),
  write(
    'roles/:role_name',
    {
      summary: 'Write a token role',
      in: roleFields,
      exists: async ({ core }, { role_name }) => (await core.tokenRoles.get(role_name)) !== undefined,
    },
    async ({ core }, args) => {
      const held = await core.tokenRoles.get(args.role_name);
      const before = held?.record ?? { ...newRole, name: args.role_name };
      if (args.path_suffix !== undefined && !/^[\w./-]{0,100}$/.test(args.path_suffix))
        throw new CofferError('invalid_request', 'path_suffix may hold letters, digits, "_", ".", "/" and "-"');
      const role: TokenRole = {
        name: args.role_name,
        allowedPolicies: lowered(args.allowed_policies ?? before.allowedPolicies),
        disallowedPolicies: lowered(args.disallowed_policies ?? before.disallowedPolicies),
        allowedPoliciesGlob: args.allowed_policies_glob ?? before.allowedPoliciesGlob,
        disallowedPoliciesGlob: args.disallowed_policies_glob ?? before.disallowedPoliciesGlob,
        allowedEntityAliases: args.allowed_entity_aliases ?? before.allowedEntityAliases,
        orphan: args.orphan ?? before.orphan,
        renewable: args.renewable ?? before.renewable,
        pathSuffix: args.path_suffix ?? before.pathSuffix,
        boundCidrs: checkedNetworks(args.token_bound_cidrs ?? before.boundCidrs),
        strictlyBindIp: args.token_strictly_bind_ip ?? before.strictlyBindIp ?? false,
        explicitMaxTtlSeconds: args.token_explicit_max_ttl ?? before.explicitMaxTtlSeconds,
        noDefaultPolicy: args.token_no_default_policy ?? before.noDefaultPolicy,
        numUses: args.token_num_uses ?? before.numUses,
        periodSeconds: args.token_period ?? before.periodSeconds,
        tokenType: args.token_type ?? before.tokenType,
      };
      refuseNegative(role);
      const { ok } = await core.storage.commit({
        checks: [core.tokenRoles.check(role.name, held?.revision ?? 'absent')],
        writes: [core.tokenRoles.put(role.name, role)],
      });
      if (!ok) throw new CofferError('conflict', `role "${role.name}" was changed by somebody else at the same time`);
    },
  ),
  remove(
    'roles/:role_name',
    { summary: 'Delete a token role', in: { role_name: nameField } },
    async ({ core }, { role_name }) => {
      await core.storage.commit({ writes: [core.tokenRoles.remove(role_name)] });
    },
  ),
];

/** Rows of `sys/policies/acl` and the older `sys/policy`. */
import { CofferError } from '@coffer/schema/errors.ts';
import { t } from '@coffer/schema/fields/t.ts';
import { patch, read, remove, type SystemCx, write } from './context.ts';
import { policyInfo, policyListRows, rootInfo } from './policy-lists.ts';

const nameField = t.path('Name of the policy; lower case, slashes between parts', { folds: true });
const writeFields = {
  name: nameField,
  policy: t.string('The policy: HCL or JSON, plain or base64', { aliases: ['rules'] }),
  cas: t.integer('The version this replaces; -1 for none'),
  cas_required: t.boolean('This write and the next one must name cas'),
  ttl: t.string('Refused: policies do not expire'),
  expiration: t.string('Refused: policies do not expire'),
} as const;

interface WriteArgs {
  readonly name: string;
  readonly policy?: string | undefined;
  readonly cas?: number | undefined;
  readonly cas_required?: boolean | undefined;
  readonly ttl?: string | undefined;
  readonly expiration?: string | undefined;
}

const unsupported = (args: WriteArgs): void => {
  for (const name of ['ttl', 'expiration'] as const) {
    if (args[name] !== undefined)
      throw new CofferError('invalid_request', `${name} is not supported: a policy does not expire as a whole`);
  }
};

const textOf = (policy: string | undefined): string => {
  if (policy === undefined || policy.trim() === '')
    throw new CofferError('invalid_request', "'policy' parameter not supplied or empty");
  return plainText(policy);
};

const put = async ({ core }: SystemCx, args: WriteArgs): Promise<void> => {
  unsupported(args);
  await core.policies.put(args.name, { text: textOf(args.policy), cas: args.cas, casRequired: args.cas_required });
};

const change = async ({ core }: SystemCx, args: WriteArgs): Promise<void> => {
  unsupported(args);
  const text = args.policy === undefined ? undefined : textOf(args.policy);
  await core.policies.patch(args.name, { text, cas: args.cas, casRequired: args.cas_required });
};

const base64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** A policy never looks like base64, so base64 is what it is. */
const plainText = (policy: string): string => {
  if (!base64.test(policy) || policy.length % 4 !== 0) return policy;
  try {
    const bytes = Uint8Array.from(atob(policy), character => character.charCodeAt(0));
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return policy;
  }
};

const found = async ({ core }: SystemCx, name: string) => {
  if (name.toLowerCase() === rootInfo.name) return rootInfo;
  return core.policies.get(name);
};

export const policyRows = [
  ...policyListRows,
  read(
    'policies/acl/:name*',
    {
      summary: 'Read a policy',
      in: { name: nameField },
      out: {
        name: t.string('Its name'),
        policy: t.string('Its text'),
        version: t.integer('Counts its changes'),
        cas_required: t.boolean('Writes must name the version'),
        modified: t.time('When it was last written'),
      },
    },
    async (cx, { name }) => {
      const policy = await found(cx, name);
      return policy === undefined ? undefined : policyInfo(policy);
    },
  ),
  write('policies/acl/:name*', { summary: 'Write a policy', in: writeFields }, put),
  patch(
    'policies/acl/:name*',
    { summary: 'Change a policy that is there; what is left out stays', in: writeFields },
    change,
  ),
  remove('policies/acl/:name*', { summary: 'Delete a policy', in: { name: nameField } }, ({ core }, { name }) =>
    core.policies.remove(name),
  ),
  read(
    'policy/:name*',
    {
      summary: 'Read a policy, older form',
      in: { name: nameField },
      out: { name: t.string('Its name'), rules: t.string('Its text') },
      legacyTopLevel: true,
    },
    async (cx, { name }) => {
      const policy = await found(cx, name);
      return policy === undefined ? undefined : { name: policy.name, rules: policy.text };
    },
  ),
  write('policy/:name*', { summary: 'Write a policy, older form', in: writeFields }, put),
  remove('policy/:name*', { summary: 'Delete a policy, older form', in: { name: nameField } }, ({ core }, { name }) =>
    core.policies.remove(name),
  ),
];

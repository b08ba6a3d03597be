/** Rows of `sys/policies/acl` and the older `sys/policy`. */
import { CofferError } from '@coffer/schema/errors.ts';
import { t } from '@coffer/schema/fields/t.ts';
import { list, read, remove, type SystemCx, write } from './context.ts';

const nameField = t.name('Name of the policy; lower case');
const listOut = { keys: t.list('Names of the policies') } as const;
const legacyListOut = { keys: t.list('Names of the policies'), policies: t.list('The same') } as const;
const writeFields = {
  name: nameField,
  policy: t.string('The policy: HCL or JSON, plain or base64', { aliases: ['rules'] }),
  cas: t.integer('The version this write replaces'),
  cas_required: t.boolean('Refuse later writes without cas'),
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

const put = async ({ core }: SystemCx, args: WriteArgs): Promise<void> => {
  const { policy } = args;
  for (const name of ['ttl', 'expiration'] as const) {
    if (args[name] !== undefined)
      throw new CofferError('invalid_request', `${name} is not supported: a policy does not expire as a whole`);
  }
  if (policy === undefined || policy.trim() === '')
    throw new CofferError('invalid_request', "'policy' parameter not supplied or empty");
  await core.policies.put(args.name, { text: plainText(policy), cas: args.cas, casRequired: args.cas_required });
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

const listed = async ({ core }: SystemCx) => ({ keys: await core.policies.names() });

const legacyListed = async ({ core }: SystemCx) => {
  const names = await core.policies.names();
  return { keys: names, policies: names };
};

const found = async ({ core }: SystemCx, name: string) => {
  if (name.toLowerCase() === 'root') return { name: 'root', text: '', version: 0, modifiedAtMs: 0, casRequired: false };
  return core.policies.get(name);
};

export const policyRows = [
  list('policies/acl', { summary: 'List the policies', out: listOut }, cx => listed(cx)),
  read(
    'policies/acl/:name',
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
      if (policy === undefined) return undefined;
      const dated =
        policy.version === 0
          ? {}
          : { version: policy.version, modified: new Date(policy.modifiedAtMs), cas_required: policy.casRequired };
      return { name: policy.name, policy: policy.text, ...dated };
    },
  ),
  write('policies/acl/:name', { summary: 'Write a policy', in: writeFields }, put),
  remove('policies/acl/:name', { summary: 'Delete a policy', in: { name: nameField } }, ({ core }, { name }) =>
    core.policies.remove(name),
  ),
  read(
    'policy',
    { summary: 'List the policies, older form', out: legacyListOut, legacyTopLevel: true, aliases: ['policy/'] },
    legacyListed,
  ),
  list('policy', { summary: 'List the policies, older form', out: legacyListOut, legacyTopLevel: true }, legacyListed),
  read(
    'policy/:name',
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
  write('policy/:name', { summary: 'Write a policy, older form', in: writeFields }, put),
  remove('policy/:name', { summary: 'Delete a policy, older form', in: { name: nameField } }, ({ core }, { name }) =>
    core.policies.remove(name),
  ),
];

/** Rows of roles. */
import { t } from '@coffer/schema/fields/t.ts';
import { listFields, listNames, pageOf } from '../../keyed/listing.ts';
import { tokenAnswer, tokenFields, tokenRules } from '../../login/token-fields.ts';
import type { Yaml } from '../../../contracts/engine.ts';
import { rows } from './cx.ts';
import { selectorOf } from './selector.ts';
import { aliasSources, checkRole, findRole, type KubernetesRole, newRole, roleId, rolePrefix, roles } from './role.ts';

const name = t.name('Name of the role', { folds: true });

const boundFields = {
  bound_service_account_names: t.list('ServiceAccounts that may log in; `*` stands for any characters'),
  bound_service_account_namespaces: t.list('Namespaces they may be in; `*` stands for any characters'),
  bound_service_account_namespace_selector: t.string(
    'Or namespaces with these labels: a label selector in JSON or YAML. Asks for the right to get namespaces',
  ),
  audience: t.string('What tokens must be made for; the API server itself where absent'),
  alias_name_source: t.oneOf(aliasSources, 'What names the caller for ever: uid, or namespace/name'),
} as const;

const roleFields = { name, ...boundFields, ...tokenFields } as const;

const answer = ({ names, namespaces, selectorText, audience, aliasNameSource, rules }: KubernetesRole) => ({
  bound_service_account_names: names,
  bound_service_account_namespaces: namespaces,
  bound_service_account_namespace_selector: selectorText,
  audience,
  alias_name_source: aliasNameSource,
  ...tokenAnswer(rules),
});

const { after, limit } = listFields;

const selectorField = 'bound_service_account_namespace_selector';

const selectorIn = (yaml: Yaml, text: string): Pick<KubernetesRole, 'selector' | 'selectorText'> => ({
  selectorText: text,
  selector: text.trim() === '' ? undefined : selectorOf(yaml(text, selectorField)),
});

export const roleRows = [
  rows.list(
    'role',
    { summary: 'List the roles', in: { after, limit }, out: { keys: t.list('Names') } },
    ({ storage }, args) => listNames(storage, rolePrefix, { ...pageOf(args), deep: false }),
  ),
  rows.read(
    'role/:name',
    { summary: 'Read a role', in: { name }, out: { ...boundFields, ...tokenFields } },
    async (cx, args) => {
      const kept = await findRole(cx.storage, args.name);
      return kept === undefined ? undefined : answer(kept.record);
    },
  ),
  rows.write(
    'role/:name',
    {
      summary: 'Write a role',
      description: 'What is left out stays as it was.',
      in: roleFields,
      exists: async ({ storage }, args) => (await findRole(storage, args.name)) !== undefined,
    },
    async ({ storage, yaml }, args) => {
      const before = await findRole(storage, args.name);
      const role = before?.record ?? newRole;
      const next: KubernetesRole = {
        names: args.bound_service_account_names ?? role.names,
        namespaces: args.bound_service_account_namespaces ?? role.namespaces,
        ...selectorIn(yaml, args.bound_service_account_namespace_selector ?? role.selectorText),
        audience: args.audience ?? role.audience,
        aliasNameSource: args.alias_name_source ?? role.aliasNameSource,
        rules: tokenRules(args, role.rules),
      };
      checkRole(args.name, next);
      await roles.replace(storage, roleId(args.name), { before, next });
    },
  ),
  rows.remove('role/:name', { summary: 'Delete a role', in: { name } }, async ({ storage }, args) => {
    await roles.remove(storage, roleId(args.name));
  }),
];

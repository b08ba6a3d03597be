/** A role: which ServiceAccounts may log in through it, and what their tokens may be. */
import type { TokenRules } from '@coffer/schema/auth-request.ts';
import { CofferError } from '@coffer/schema/errors.ts';
import { foldedName } from '@coffer/schema/folded-name.ts';
import type { MountStorage } from '../../../contracts/engine.ts';
import { JsonRecords, type Kept } from '../../keyed/json-record.ts';
import { noRules } from '../../login/token-fields.ts';
import type { Selector } from './selector.ts';

export const aliasSources = ['serviceaccount_uid', 'serviceaccount_name'] as const;

export interface KubernetesRole {
  /** Names, with `*` for any run of characters. */
  readonly names: readonly string[];
  readonly namespaces: readonly string[];
  /** A label selector, as it was given; '' for none. */
  readonly selectorText: string;
  /** What that says; undefined for none. */
  readonly selector: Selector | undefined;
  readonly audience: string;
  readonly aliasNameSource: (typeof aliasSources)[number];
  readonly rules: TokenRules;
}

export const newRole: KubernetesRole = Object.freeze({
  names: [],
  namespaces: [],
  selectorText: '',
  selector: undefined,
  audience: '',
  aliasNameSource: 'serviceaccount_uid',
  rules: noRules,
});

export const rolePrefix = 'role/';

export const roles = new JsonRecords<KubernetesRole>(rolePrefix, {
  name: 'role',
  encode: role => role,
  decode: (stored: KubernetesRole) => stored,
});

const nameLimit = 256;

/** One role has one name, whatever the case it is written in. */
export const roleId = (name: string): string => foldedName(name);

/** Undefined for what no role can be called as well. */
export const findRole = async (storage: MountStorage, name: string): Promise<Kept<KubernetesRole> | undefined> =>
  roleId(name) === '' || name.length > nameLimit || name.includes('/') ? undefined : roles.get(storage, roleId(name));

const refuse = (message: string): never => {
  throw new CofferError('invalid_request', message);
};

const boundLimit = 1000;

const checkNames = (field: string, names: readonly string[]): void => {
  if (names.length > boundLimit) refuse(`"${field}" has more than ${boundLimit} entries`);
  if (names.includes('')) refuse(`"${field}" has an empty entry`);
  if (names.includes('*') && names.length > 1) refuse(`"${field}": can not mix "*" with values`);
};

/** Throws `invalid_request`. */
export const checkRole = (name: string, role: KubernetesRole): void => {
  if (name.length > nameLimit) refuse(`the name of a role is at most ${nameLimit} characters long`);
  if (role.names.length === 0) refuse('"bound_service_account_names" can not be empty');
  if (role.namespaces.length === 0 && role.selector === undefined)
    refuse(
      '"bound_service_account_namespaces" can not be empty if "bound_service_account_namespace_selector" is not set',
    );
  checkNames('bound_service_account_names', role.names);
  checkNames('bound_service_account_namespaces', role.namespaces);
};

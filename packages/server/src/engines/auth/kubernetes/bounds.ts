/** Whom a role admits: pure questions about names. */
import { globMatches } from '@coffer/schema/glob.ts';
import type { JwtText } from '../../../contracts/jwt.ts';
import type { Identity } from './identity.ts';
import type { KubernetesRole } from './role.ts';

const admits = (globs: readonly string[], name: string): boolean => globs.some(glob => globMatches(glob, name));

export const boundName = ({ names }: KubernetesRole, { name }: Identity): boolean => admits(names, name);

export const boundNamespace = ({ namespaces }: KubernetesRole, { namespace }: Identity): boolean =>
  admits(namespaces, namespace);

/** Neither unsigned nor signed with a secret that both sides know. */
export const isAsymmetric = ({ algorithm }: JwtText): boolean => /^(?:RS|PS|ES)(?:256|384|512)$/.test(algorithm);

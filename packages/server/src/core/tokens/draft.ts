/**
 * What a new token may be: a chain of pure checks over what was asked, who asks and which role is used. Texts are those
 * clients know.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import { addressWithin, isAddress } from '../../platform/net/cidr.ts';
import { isAssignable } from '../policies/builtin.ts';
import type { TokenRole } from './role.ts';
import { isBarred, policiesUnderRole } from './role.ts';
import type { TokenDraft } from './store.ts';
import type { Token, TokenType } from './token.ts';
import { isRoot } from './token.ts';
import { grantTtl } from './ttl.ts';

export interface TokenRequest {
  readonly policies: readonly string[];
  readonly meta: ReadonlyMap<string, string> | undefined;
  readonly noParent: boolean;
  readonly noDefaultPolicy: boolean;
  readonly renewable: boolean;
  readonly ttlSeconds: number;
  readonly explicitMaxTtlSeconds: number;
  readonly periodSeconds: number;
  readonly displayName: string;
  readonly numUses: number;
  readonly type: string;
  readonly id: string;
  readonly path: string;
  readonly namespaceId: string;
}

export interface TokenMaker {
  readonly token: Token;
  /** May it use sudo on this path? */
  readonly sudo: boolean;
  readonly role: TokenRole | undefined;
  /** The path itself says so; whoever may write to it may make orphans. */
  readonly makesOrphans: boolean;
  /** Where it calls from. */
  readonly address: string;
  readonly nowSeconds: number;
  readonly defaultTtlSeconds: number;
  readonly maxTtlSeconds: number;
}

export interface Drafted {
  readonly draft: TokenDraft;
  readonly warnings: readonly string[];
}

const refuse = (message: string): never => {
  throw new CofferError('invalid_request', message);
};

/** Every use of a token looks at all tokens above it. */
const generationsLimit = 64;
const metaLimit = 64;
const metaKeyBytesLimit = 128;
const metaValueBytesLimit = 512;
const utf8 = new TextEncoder();

/** Throws `invalid_request`. */
export const checkMeta = (meta: ReadonlyMap<string, string>): void => {
  if (meta.size > metaLimit) refuse(`meta has more than ${metaLimit} keys`);
  for (const [key, value] of meta) {
    if (utf8.encode(key).length > metaKeyBytesLimit) refuse(`a key of meta is longer than ${metaKeyBytesLimit} bytes`);
    if (utf8.encode(value).length > metaValueBytesLimit)
      refuse(`a value of meta is longer than ${metaValueBytesLimit} bytes`);
  }
};

const isOrphaned = ({ noParent }: TokenRequest, { role, makesOrphans }: TokenMaker): boolean =>
  makesOrphans || (role?.orphan ?? noParent);

type Rule = (request: TokenRequest, maker: TokenMaker, type: TokenType) => void;

const rules: readonly Rule[] = [
  (request, maker) =>
    !isOrphaned(request, maker) &&
    maker.token.generation >= generationsLimit &&
    refuse(`token stands ${generationsLimit} generations deep and cannot create child tokens`),
  ({ meta }) => meta !== undefined && checkMeta(meta),
  (_, { token }) => token.usesLeft !== 0 && refuse('restricted use token cannot generate child tokens'),
  ({ id }, { sudo }) => id !== '' && !sudo && refuse('root or sudo privileges required to specify token id'),
  ({ noParent }, { sudo, role, makesOrphans }) =>
    noParent &&
    !sudo &&
    role === undefined &&
    !makesOrphans &&
    refuse('root or sudo privileges required to create orphan token'),
  ({ periodSeconds }, { sudo, role }) =>
    periodSeconds > 0 &&
    !sudo &&
    (role?.periodSeconds ?? 0) === 0 &&
    refuse('root or sudo privileges required to create periodic token'),
  ({ numUses }) => numUses < 0 && refuse('number of uses cannot be negative'),
  ({ ttlSeconds, explicitMaxTtlSeconds, periodSeconds }) =>
    Math.min(ttlSeconds, explicitMaxTtlSeconds, periodSeconds) < 0 &&
    refuse('ttl, period and explicit_max_ttl cannot be negative'),
  ({ explicitMaxTtlSeconds }, _, type) =>
    type === 'batch' && explicitMaxTtlSeconds > 0 && refuse('batch tokens cannot have explicit max TTLs'),
  ({ numUses }, _, type) => type === 'batch' && numUses > 0 && refuse('batch tokens cannot have use limits'),
  ({ periodSeconds }, _, type) => type === 'batch' && periodSeconds > 0 && refuse('batch tokens cannot be periodic'),
  ({ id }, _, type) => type === 'batch' && id !== '' && refuse('batch tokens cannot have a chosen id'),
];

/** Throws `invalid_request` with the first rule that is broken. */
export const draftToken = (request: TokenRequest, maker: TokenMaker): Drafted => {
  const type = typeOf(request, maker.role);
  for (const rule of rules) rule(request, maker, type);
  const policies = policiesOf(request, maker, type);
  const { role } = maker;
  const periodSeconds = role !== undefined && role.periodSeconds > 0 ? role.periodSeconds : request.periodSeconds;
  const explicitMaxTtlSeconds = lower(request.explicitMaxTtlSeconds, role?.explicitMaxTtlSeconds ?? 0);
  const life = lifetime({ ...request, periodSeconds, explicitMaxTtlSeconds }, maker, policies);
  const orphan = isOrphaned(request, maker);
  return {
    warnings: life.warnings,
    draft: {
      type,
      policies,
      path: role === undefined || role.pathSuffix === '' ? request.path : `${request.path}/${role.pathSuffix}`,
      displayName: displayNameOf(request.displayName),
      meta: request.meta,
      usesLeft: lower(request.numUses, role?.numUses ?? 0),
      creationTtlSeconds: life.ttlSeconds,
      explicitMaxTtlSeconds,
      periodSeconds,
      renewable: type === 'service' && request.renewable && (role?.renewable ?? true) && life.ttlSeconds > 0,
      parent: orphan ? '' : maker.token.accessor,
      generation: orphan ? 0 : maker.token.generation + 1,
      role: role?.name ?? '',
      entityId: '',
      workload: maker.token.workload,
      boundCidrs: networksOf(maker),
      namespaceId: request.namespaceId,
    },
  };
};

/** A network the token is bound to must admit the address that a strict role binds it to: it would never work. */
const networksOf = ({ role, token, address }: TokenMaker): readonly string[] => {
  const networks = role !== undefined && role.boundCidrs.length > 0 ? role.boundCidrs : token.boundCidrs;
  if (role?.strictlyBindIp !== true) return networks;
  if (!isAddress(address)) return refuse(`role "${role.name}" binds tokens to an address, and the caller has none`);
  if (networks.length > 0 && !networks.some(network => addressWithin(address, network)))
    return refuse(`role "${role.name}" binds tokens to the caller's address, which its token_bound_cidrs do not admit`);
  return [address];
};

const lower = (a: number, b: number): number => (a === 0 ? b : b === 0 ? a : Math.min(a, b));

const typeOf = (request: TokenRequest, role: TokenRole | undefined): TokenType => {
  const asked = request.type === '' || request.type === 'default' ? undefined : request.type;
  if (asked !== undefined && asked !== 'service' && asked !== 'batch') return refuse('invalid token type');
  if (role === undefined || role.tokenType.startsWith('default')) {
    return asked ?? (role?.tokenType === 'default-batch' ? 'batch' : 'service');
  }
  const only: TokenType = role.tokenType === 'batch' ? 'batch' : 'service';
  if (asked !== undefined && asked !== only) return refuse(`role allows only ${only} tokens`);
  return only;
};

const policiesOf = (request: TokenRequest, maker: TokenMaker, type: TokenType): readonly string[] => {
  const inherited = maker.token.policies;
  const asked = [...new Set(request.policies)].toSorted();
  const noDefault = request.noDefaultPolicy || (maker.role?.noDefaultPolicy ?? false);
  const named =
    maker.role !== undefined
      ? policiesUnderRole(maker.role, asked, inherited)
      : asked.length > 0
        ? asked
        : inherited.filter(name => !(noDefault && name === 'default'));
  const reserved = named.find(name => !isAssignable(name));
  if (reserved !== undefined) return refuse(`policy "${reserved}" cannot be assigned`);
  const root = named.includes('root');
  if (root && !isRoot(maker.token)) return refuse('root tokens may not be created without parent token being root');
  if (root && type === 'batch') return refuse('batch tokens cannot be root tokens');
  if (root) return ['root'];
  if (maker.role === undefined && !maker.sudo && !isRoot(maker.token)) {
    const beyond = named.filter(name => name !== 'default' && !inherited.includes(name));
    if (beyond.length > 0) return refuse('child policies must be subset of parent');
  }
  return noDefault || (maker.role !== undefined && isBarred(maker.role, 'default'))
    ? named
    : [...new Set([...named, 'default'])].toSorted();
};

const lifetime = (request: TokenRequest, maker: TokenMaker, policies: readonly string[]) => {
  const root = policies.includes('root');
  const endless =
    root && request.ttlSeconds === 0 && request.periodSeconds === 0 && request.explicitMaxTtlSeconds === 0;
  if (endless) {
    if (maker.token.expiresAtSeconds !== 0)
      return refuse('expiring root tokens cannot create non-expiring root tokens');
    return { ttlSeconds: 0, warnings: [] };
  }
  return grantTtl({
    nowSeconds: maker.nowSeconds,
    createdAtSeconds: maker.nowSeconds,
    askedSeconds: request.ttlSeconds,
    periodSeconds: request.periodSeconds,
    explicitMaxTtlSeconds: request.explicitMaxTtlSeconds,
    defaultTtlSeconds: maker.defaultTtlSeconds,
    maxTtlSeconds: maker.maxTtlSeconds,
  });
};

const displayNameLimit = 256;

const displayNameOf = (asked: string): string =>
  asked === ''
    ? 'token'
    : `token-${asked
        .slice(0, displayNameLimit)
        .replace(/[^a-zA-Z0-9-]/g, '-')
        .replace(/-+$/, '')}`;

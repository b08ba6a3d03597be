/**
 * What a token may be that an auth method asks for: pure rules over its wish, the mount and where the caller is. Texts are
 * those clients know.
 */
import type { AuthRequest, TokenRules } from '@coffer/schema/auth-request.ts';
import { CofferError } from '@coffer/schema/errors.ts';
import { addressWithin, isAddress, parseNetwork } from '../../platform/net/cidr.ts';
import type { SystemTtl } from '../mounts/lease-times.ts';
import type { MountRecord } from '../mounts/mount.ts';
import { rootNamespace } from '../namespaces/namespace.ts';
import { isAssignable } from '../policies/builtin.ts';
import { policyName } from '../policies/names.ts';
import { checkMeta } from '../tokens/draft.ts';
import type { Drafted } from '../tokens/draft.ts';
import type { TokenType } from '../tokens/token.ts';
import { grantTtl } from '../tokens/ttl.ts';

export interface LoginPlace {
  readonly mount: MountRecord;
  /** Of the request. */
  readonly path: string;
  /** Where it comes from. */
  readonly address: string;
  readonly nowSeconds: number;
  /** In force for the mount. */
  readonly ttl: SystemTtl;
}

const refuse = (message: string): never => {
  throw new CofferError('invalid_request', message);
};

const aliasBytesLimit = 512;
const displayNameLimit = 256;
/** With what stands around it in an index this stays below the 1,024 bytes of a storage key. */
const pathBytesLimit = 800;
const utf8 = new TextEncoder();

const checkAlias = ({ alias }: AuthRequest): void => {
  if (alias.name === '') refuse('missing name in alias');
  if (utf8.encode(alias.name).length > aliasBytesLimit)
    refuse(`the name of the alias is longer than ${aliasBytesLimit} bytes`);
  checkMeta(alias.metadata);
};

/** Throws `permission_denied` where the role's networks do not admit the caller, and why to audit alone. */
export const draftLogin = (asked: AuthRequest, place: LoginPlace): Drafted => {
  const { rules } = asked;
  if (utf8.encode(place.path).length > pathBytesLimit) refuse('the path is too long for a login');
  checkAlias(asked);
  checkMeta(asked.metadata);
  checkMeta(asked.renewal);
  const boundCidrs = networksOf(rules, place.address);
  const type = loginTokenType(rules, place.mount);
  if (type === 'batch') refuseForBatch(rules);
  const { ttlSeconds, warnings } = loginTtl(rules, { ...place, createdAtSeconds: place.nowSeconds, askedSeconds: 0 });
  const own = type === 'batch' ? {} : { mountId: place.mount.id, maxTtlSeconds: rules.maxTtlSeconds };
  return {
    warnings,
    draft: {
      type,
      policies: policiesOf(rules),
      path: place.path,
      displayName: displayNameOf(place.mount, asked.displayName),
      meta: asked.metadata,
      usesLeft: rules.numUses,
      creationTtlSeconds: ttlSeconds,
      explicitMaxTtlSeconds: rules.explicitMaxTtlSeconds,
      periodSeconds: rules.periodSeconds,
      renewable: type === 'service',
      parent: '',
      generation: 0,
      role: '',
      entityId: '',
      workload: asked.workload,
      ...own,
      ...(type === 'batch' ? {} : { renewal: asked.renewal }),
      boundCidrs,
      namespaceId: rootNamespace.id,
    },
  };
};

const networksOf = ({ boundCidrs, strictlyBindIp }: TokenRules, address: string): readonly string[] => {
  const bad = boundCidrs.findIndex(network => parseNetwork(network) === undefined);
  if (bad >= 0) refuse(`token_bound_cidrs: entry ${bad + 1} is no address or network`);
  const admits = boundCidrs.length === 0 || boundCidrs.some(network => addressWithin(address, network));
  if (!admits) throw denied(`token_bound_cidrs: the caller is at ${address}, which none of them admits`);
  if (!strictlyBindIp) return boundCidrs;
  if (!isAddress(address)) throw denied('token_strictly_bind_ip: the caller has no address');
  return [address];
};

const denied = (because: string): CofferError => new CofferError('permission_denied', 'permission denied', { because });

/** `service` or `batch` of the mount always wins; otherwise what the role says, and where it says nothing the mount. */
export const loginTokenType = ({ type }: Pick<TokenRules, 'type'>, { config }: MountRecord): TokenType => {
  const ofMount = config.tokenType;
  if (ofMount === 'service' || ofMount === 'batch') return ofMount;
  if (type === 'service' || type === 'default-service') return 'service';
  if (type === 'batch' || type === 'default-batch') return 'batch';
  return ofMount === 'default-batch' ? 'batch' : 'service';
};

const refuseForBatch = (rules: TokenRules): void => {
  if (rules.explicitMaxTtlSeconds > 0) refuse('batch tokens cannot have explicit max TTLs');
  if (rules.numUses > 0) refuse('batch tokens cannot have use limits');
  if (rules.periodSeconds > 0) refuse('batch tokens cannot be periodic');
};

/** Only somebody who is root makes root tokens: no auth method does. */
const policiesOf = ({ policies, noDefaultPolicy }: TokenRules): readonly string[] => {
  const named = policies.map(name => policyName(name));
  if (named.includes('root')) refuse('auth methods cannot create root tokens');
  const reserved = named.find(name => !isAssignable(name));
  if (reserved !== undefined) refuse(`policy "${reserved}" cannot be assigned`);
  return [...new Set([...named, ...(noDefaultPolicy ? [] : ['default'])])].toSorted();
};

/** `kubernetes-shop-web`: where, and who. */
const displayNameOf = ({ path }: MountRecord, name: string): string =>
  `${path.replaceAll('/', '-')}${name}`.replace(/-$/, '').slice(0, displayNameLimit);

export interface LoginTime {
  readonly nowSeconds: number;
  readonly createdAtSeconds: number;
  readonly askedSeconds: number;
  readonly ttl: SystemTtl;
}

/** How long a token of these rules may live from now. */
export const loginTtl = (
  rules: Pick<TokenRules, 'ttlSeconds' | 'maxTtlSeconds' | 'explicitMaxTtlSeconds' | 'periodSeconds'>,
  { nowSeconds, createdAtSeconds, askedSeconds, ttl }: LoginTime,
) =>
  grantTtl({
    nowSeconds,
    createdAtSeconds,
    askedSeconds: askedSeconds > 0 ? askedSeconds : rules.ttlSeconds,
    periodSeconds: rules.periodSeconds,
    explicitMaxTtlSeconds: rules.explicitMaxTtlSeconds,
    defaultTtlSeconds: ttl.defaultLeaseSeconds,
    maxTtlSeconds: rules.maxTtlSeconds === 0 ? ttl.maxLeaseSeconds : Math.min(rules.maxTtlSeconds, ttl.maxLeaseSeconds),
  });

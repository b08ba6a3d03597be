/**
 * What a login must hold, as a list one can read: pure questions over the evidence, one after the other. Login refuses by
 * the first that fails, in words that tell a stranger nothing; audit and `explain` show which it was and what it saw.
 */
import { boundName, boundNamespace, isAsymmetric } from './bounds.ts';
import type { Evidence } from './evidence.ts';
import { selects } from './selector.ts';

export interface Check {
  /** What is bound: a part of the token, or a field of role or configuration. */
  readonly bound: string;
  /** What the caller is told where it fails. */
  readonly refusal: string;
  /** Undefined where it does not apply. */
  readonly passes: (evidence: Evidence) => boolean | undefined;
  /** What is bound and what was seen. Names, never the token. */
  readonly because: (evidence: Evidence) => string;
}

export interface Finding {
  readonly bound: string;
  readonly passed: boolean;
  readonly because: string;
  readonly refusal: string;
}

/** Clocks of cluster and store may differ by so much. */
export const leewaySeconds = 60;
const defaultIssuer = 'kubernetes/serviceaccount';
const shownLimit = 300;
const denied = 'permission denied';

const claim = ({ text }: Evidence, name: string): unknown => text?.claims.get(name);

const secondsIn = (evidence: Evidence, name: string): number | undefined => {
  const value = claim(evidence, name);
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
};

const isCurrent = (evidence: Evidence): boolean => {
  const { nowSeconds } = evidence;
  const [expires, notBefore, issued] = ['exp', 'nbf', 'iat'].map(name => secondsIn(evidence, name));
  if (expires === undefined || nowSeconds >= expires + leewaySeconds) return false;
  return Math.max(notBefore ?? 0, issued ?? 0) <= nowSeconds + leewaySeconds;
};

const audiencesOf = (evidence: Evidence): readonly string[] => {
  if (evidence.review !== undefined) return evidence.review.audiences;
  const value = claim(evidence, 'aud');
  return (Array.isArray(value) ? value : [value]).filter(one => typeof one === 'string');
};

const quoted = (names: readonly string[]): string =>
  names
    .map(name => JSON.stringify(name))
    .join(', ')
    .slice(0, shownLimit);

const selectorHolds = ({ role, namespaceLabels }: Evidence): boolean =>
  role.selector !== undefined && namespaceLabels !== undefined && selects(role.selector, namespaceLabels);

const ofSelector = ({ role }: Evidence): string =>
  role.selector === undefined ? '' : ', or namespaces with the labels of its selector';

export const checks: readonly Check[] = [
  {
    bound: 'jwt',
    refusal: denied,
    passes: ({ text }) => text !== undefined && isAsymmetric(text),
    because: ({ text }) =>
      text === undefined
        ? 'it is no signed JWT in the compact form'
        : isAsymmetric(text)
          ? 'it is a JWT, signed by a key pair'
          : 'its algorithm is not allowed: tokens are signed by a key pair (RS, PS or ES)',
  },
  {
    bound: 'signature',
    refusal: denied,
    passes: ({ signature }) => (signature === undefined ? undefined : signature.verdict === 'valid'),
    because: ({ signature }) => signature?.because ?? 'it is not checked here',
  },
  {
    bound: 'expiry',
    refusal: denied,
    passes: evidence => (evidence.config.validation === 'signature' ? isCurrent(evidence) : undefined),
    because: evidence =>
      isCurrent(evidence) ? 'it is of now' : 'it has ended, is not valid yet, or does not say when it ends',
  },
  {
    bound: 'token_review',
    refusal: denied,
    passes: ({ config, review }) => (config.validation === 'token_review' ? review?.authenticated === true : undefined),
    because: ({ review }) => `the API server says: ${review?.because ?? 'nothing'}`,
  },
  {
    bound: 'issuer',
    refusal: denied,
    passes: evidence => {
      const { disableIssValidation, issuer } = evidence.config;
      return disableIssValidation ? undefined : claim(evidence, 'iss') === (issuer || defaultIssuer);
    },
    because: evidence =>
      `the configuration expects "${evidence.config.issuer || defaultIssuer}", the token is from another issuer or from this one`,
  },
  {
    bound: 'audience',
    refusal: denied,
    passes: evidence => {
      const { audience } = evidence.role;
      if (audience !== '') return audiencesOf(evidence).includes(audience);
      return evidence.config.validation === 'signature' ? false : undefined;
    },
    because: evidence =>
      evidence.role.audience === ''
        ? 'the role names no audience, and signatures alone do not tell whom a token is for: set audience'
        : `the role wants "${evidence.role.audience}", the token is for ${quoted(audiencesOf(evidence)) || 'nobody'}`,
  },
  {
    bound: 'service_account',
    refusal: denied,
    passes: ({ identity }) => identity !== undefined,
    because: ({ identity }) =>
      identity === undefined
        ? 'it is the token of something else than a ServiceAccount'
        : `it is of the ServiceAccount ${identity.namespace}/${identity.name}`,
  },
  {
    bound: 'bound_service_account_names',
    refusal: 'service account name not authorized',
    passes: ({ role, identity }) => identity !== undefined && boundName(role, identity),
    because: ({ role, roleName, identity }) =>
      `role "${roleName}" admits ${quoted(role.names)}, the ServiceAccount is "${identity?.name ?? ''}"`,
  },
  {
    bound: 'bound_service_account_namespaces',
    refusal: 'namespace not authorized',
    passes: evidence =>
      evidence.identity !== undefined && (boundNamespace(evidence.role, evidence.identity) || selectorHolds(evidence)),
    because: evidence =>
      `role "${evidence.roleName}" admits ${quoted(evidence.role.namespaces) || 'none by name'}${ofSelector(evidence)}, the namespace is "${evidence.identity?.namespace ?? ''}"`,
  },
];

/** In order, up to and with the first that fails; those that do not apply are left out. */
export const judge = (evidence: Evidence): readonly Finding[] => {
  const findings: Finding[] = [];
  for (const { bound, refusal, passes, because } of checks) {
    const passed = passes(evidence);
    if (passed === undefined) continue;
    findings.push({ bound, refusal, passed, because: because(evidence) });
    if (!passed) break;
  }
  return findings;
};

export const failureIn = (findings: readonly Finding[]): Finding | undefined => findings.find(({ passed }) => !passed);

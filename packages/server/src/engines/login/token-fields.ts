/**
 * What every role of every auth method may say of its tokens: the `token_*` fields, their older names, what is kept of
 * them and how it is answered. One table, so that all methods take the same.
 */
import { tokenTypes, type TokenRules } from '@coffer/schema/auth-request.ts';
import { CofferError } from '@coffer/schema/errors.ts';
import { t } from '@coffer/schema/fields/t.ts';
import { foldedName } from '@coffer/schema/folded-name.ts';
import type { Args } from '@coffer/schema/row.ts';

export const tokenFields = {
  token_ttl: t.duration('First time to live; the mount’s default where it is 0', { aliases: ['ttl'] }),
  token_max_ttl: t.duration('Longest life, renewals included; the mount’s where it is 0', { aliases: ['max_ttl'] }),
  token_policies: t.list('Policies of its tokens', { aliases: ['policies'] }),
  token_bound_cidrs: t.list('Networks that may log in, and that its tokens work from', { aliases: ['bound_cidrs'] }),
  token_strictly_bind_ip: t.boolean('Its tokens work only from the address that logged in'),
  token_explicit_max_ttl: t.duration('Longest life that nothing extends, also for periodic tokens'),
  token_no_default_policy: t.boolean('Its tokens do not get the policy default'),
  token_num_uses: t.integer('Requests its tokens are good for; 0 without limit', { aliases: ['num_uses'] }),
  token_period: t.duration('Its tokens are renewed for this long, without end', { aliases: ['period'] }),
  token_type: t.oneOf(tokenTypes, 'Kind of its tokens; default is as the mount says'),
} as const;

export type TokenArgs = Args<'', typeof tokenFields>;

export const noRules: TokenRules = Object.freeze({
  policies: [],
  noDefaultPolicy: false,
  ttlSeconds: 0,
  maxTtlSeconds: 0,
  explicitMaxTtlSeconds: 0,
  periodSeconds: 0,
  numUses: 0,
  boundCidrs: [],
  strictlyBindIp: false,
  type: 'default',
});

/** Each once; an empty text between commas is none. */
const policyNames = (given: readonly string[]): readonly string[] => [
  ...new Set(given.map(foldedName).filter(name => name !== '')),
];

/** What was sent put into what was there. Throws `invalid_request`. */
export const tokenRules = (args: TokenArgs, before: TokenRules): TokenRules => {
  const rules: TokenRules = {
    policies: args.token_policies === undefined ? before.policies : policyNames(args.token_policies),
    noDefaultPolicy: args.token_no_default_policy ?? before.noDefaultPolicy,
    ttlSeconds: args.token_ttl ?? before.ttlSeconds,
    maxTtlSeconds: args.token_max_ttl ?? before.maxTtlSeconds,
    explicitMaxTtlSeconds: args.token_explicit_max_ttl ?? before.explicitMaxTtlSeconds,
    periodSeconds: args.token_period ?? before.periodSeconds,
    numUses: args.token_num_uses ?? before.numUses,
    boundCidrs: args.token_bound_cidrs ?? before.boundCidrs,
    strictlyBindIp: args.token_strictly_bind_ip ?? before.strictlyBindIp,
    type: args.token_type ?? before.type,
  };
  for (const [isBroken, why] of faults) if (isBroken(rules)) throw new CofferError('invalid_request', why);
  return rules;
};

export const tokenAnswer = (rules: TokenRules) => ({
  token_ttl: rules.ttlSeconds,
  token_max_ttl: rules.maxTtlSeconds,
  token_policies: rules.policies,
  token_bound_cidrs: rules.boundCidrs,
  token_strictly_bind_ip: rules.strictlyBindIp,
  token_explicit_max_ttl: rules.explicitMaxTtlSeconds,
  token_no_default_policy: rules.noDefaultPolicy,
  token_num_uses: rules.numUses,
  token_period: rules.periodSeconds,
  token_type: rules.type,
});

const isBatch = ({ type }: TokenRules): boolean => type === 'batch' || type === 'default-batch';

const number = '(?:0|[1-9]\\d{0,2})';
/** Also as IPv6 writes it. */
const ipv4 = new RegExp(`^(?:::ffff:)?((?:${number}\\.){3}${number})$`, 'i');

/** Syntax alone: IPv6 as URLs have it. */
const isNetwork = (text: string): boolean => {
  const [address = '', bits, ...more] = text.split('/');
  const parts = ipv4.exec(address)?.[1]?.split('.') ?? [];
  const is4 = parts.length === 4 && parts.every(part => Number(part) <= 255);
  const is6 = address.includes(':') && URL.canParse(`http://[${address}]/`);
  const isWidth = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (is4 ? 32 : 128));
  return (is4 || is6) && isWidth && more.length === 0;
};

/** Each token has its own copy of them. */
const entriesLimit = 1000;

type Fault = readonly [isBroken: (rules: TokenRules) => boolean, why: string];

const faults: readonly Fault[] = [
  [
    ({ ttlSeconds, maxTtlSeconds, explicitMaxTtlSeconds, periodSeconds }) =>
      Math.min(ttlSeconds, maxTtlSeconds, explicitMaxTtlSeconds, periodSeconds) < 0,
    'token_ttl, token_max_ttl, token_explicit_max_ttl and token_period cannot be negative',
  ],
  [
    ({ ttlSeconds, maxTtlSeconds }) => maxTtlSeconds > 0 && ttlSeconds > maxTtlSeconds,
    "'token_ttl' cannot be greater than 'token_max_ttl'",
  ],
  [
    ({ policies, boundCidrs }) => Math.max(policies.length, boundCidrs.length) > entriesLimit,
    `token_policies and token_bound_cidrs have at most ${entriesLimit} entries`,
  ],
  [({ numUses }) => numUses < 0, 'token_num_uses cannot be negative'],
  [({ boundCidrs }) => !boundCidrs.every(isNetwork), 'token_bound_cidrs: an entry is no address or network'],
  [({ policies }) => policies.includes('root'), 'token_policies: auth methods cannot create root tokens'],
  [
    rules => isBatch(rules) && rules.numUses > 0,
    "'token_type' cannot be batch where tokens are good for a number of uses",
  ],
  [rules => isBatch(rules) && rules.periodSeconds > 0, "'token_type' cannot be batch where tokens are periodic"],
  [
    rules => isBatch(rules) && rules.explicitMaxTtlSeconds > 0,
    "'token_type' cannot be batch where tokens have an explicit max TTL",
  ],
];

/** Flags that say how a mount is: the same for enabling and tuning, for secrets engines and auth methods. */
import type { Out } from '@coffer/schema/out.ts';
import type { Cx } from '../cx.ts';
import { bool, type FlagSpecs, list, pairs, text } from '../flags.ts';

export const configFlags: FlagSpecs = {
  'default-lease-ttl': text('Default time to live of leases and tokens'),
  'max-lease-ttl': text('Longest time to live of leases and tokens'),
  description: text('What it is for'),
  'audit-non-hmac-request-keys': list('A request member that audit writes as it is; may be repeated'),
  'audit-non-hmac-response-keys': list('An answer member that audit writes as it is; may be repeated'),
  'listing-visibility': text('Whether it is shown without a token', { values: ['unauth', 'hidden'] }),
  'passthrough-request-headers': list('A request header that it may see; may be repeated'),
  'allowed-response-headers': list('An answer header that it may set; may be repeated'),
  options: pairs('A key and value of its own; may be repeated'),
  'plugin-version': text('Version of the plugin'),
};

export const tokenTypeFlag: FlagSpecs = {
  'token-type': text('Tokens it makes', { values: ['default-service', 'default-batch', 'service', 'batch'] }),
};

export const enableFlags: FlagSpecs = {
  path: text('Where it is mounted, where that is not named after its type'),
  local: bool('Not replicated'),
  'seal-wrap': bool('Encrypt critical values by the seal too'),
  'external-entropy-access': bool('May use an external source of randomness'),
  'plugin-name': text('Name of the plugin'),
};

const configTexts = [
  'default-lease-ttl',
  'max-lease-ttl',
  'listing-visibility',
  'plugin-version',
  'token-type',
] as const;
const configLists = [
  'audit-non-hmac-request-keys',
  'audit-non-hmac-response-keys',
  'passthrough-request-headers',
  'allowed-response-headers',
] as const;

const wire = (flag: string): string => flag.replaceAll('-', '_');

export const configOf = (cx: Cx): Map<string, Out> => {
  const config = new Map<string, Out>();
  for (const flag of configTexts) {
    const value = cx.flags.text(flag);
    if (value !== undefined) config.set(wire(flag), value);
  }
  for (const flag of configLists) {
    const value = cx.flags.list(flag);
    if (value !== undefined) config.set(wire(flag), value);
  }
  if (cx.flags.has('force-no-cache')) config.set('force_no_cache', cx.flags.bool('force-no-cache'));
  return config;
};

/** The body that enables a mount of a type. */
export const enableBody = (cx: Cx, type: string): Map<string, Out> => {
  const body = new Map<string, Out>([['type', type]]);
  const description = cx.flags.text('description');
  if (description !== undefined) body.set('description', description);
  for (const flag of ['local', 'seal-wrap', 'external-entropy-access']) {
    if (cx.flags.bool(flag)) body.set(wire(flag), true);
  }
  const plugin = cx.flags.text('plugin-name');
  if (plugin !== undefined) body.set('plugin_name', plugin);
  const config = configOf(cx);
  if (config.size > 0) body.set('config', config);
  return body;
};

export const tuneBody = (cx: Cx): Map<string, Out> => {
  const body = configOf(cx);
  const description = cx.flags.text('description');
  if (description !== undefined) body.set('description', description);
  const options = cx.flags.pairs('options');
  if (options !== undefined) body.set('options', options);
  return body;
};

export const folder = (path: string): string => `${path.replace(/\/$/, '')}/`;

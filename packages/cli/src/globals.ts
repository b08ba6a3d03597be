/** Flags that every command knows, but for those it says are idle: where the server is, how to reach it, how answers are shown. */
import { bool, type FlagSpec, list, pairs, text } from './flags.ts';

export const formats = ['table', 'json', 'yaml', 'pretty', 'raw'] as const;

export const globalFlags: ReadonlyMap<string, FlagSpec> = new Map([
  ['address', text('Address of the server', { env: 'ADDR', default: 'https://127.0.0.1:8200' })],
  ['agent-address', text('Address of an agent to use in place of the server', { env: 'AGENT_ADDR' })],
  ['ca-cert', text('PEM file of the authority that signed the server certificate', { env: 'CACERT' })],
  ['ca-path', text('Folder of PEM files of such authorities', { env: 'CAPATH' })],
  ['client-cert', text('PEM file of the client certificate', { env: 'CLIENT_CERT' })],
  ['client-key', text('PEM file of the key of the client certificate', { env: 'CLIENT_KEY' })],
  ['tls-server-name', text('Name to expect in the server certificate', { env: 'TLS_SERVER_NAME' })],
  ['tls-skip-verify', bool('Accept any server certificate: unsafe', { env: 'SKIP_VERIFY' })],
  ['namespace', text('Namespace of the request', { env: 'NAMESPACE', alias: 'ns' })],
  ['mfa', list('A factor for multi-factor authentication', { env: 'MFA' })],
  ['wrap-ttl', text('Answer with a wrapping token that lives this long', { env: 'WRAP_TTL' })],
  ['header', pairs('A further request header; names that start with X-Vault- are refused')],
  ['disable-redirects', bool('Follow no redirect', { env: 'DISABLE_REDIRECTS' })],
  ['policy-override', bool('Override soft-mandatory policies')],
  ['non-interactive', bool('Never ask on the terminal')],
  ['output-curl-string', bool('Print the request as a curl command and do not send it', { anywhere: true })],
  ['output-policy', bool('Print the policy that the request needs and do not send it', { anywhere: true })],
  ['format', text('How answers are shown', { env: 'FORMAT', anywhere: true, values: formats, default: 'table' })],
  ['field', text('Print this one field of the answer, alone')],
  ['detailed', bool('Show more columns', { env: 'DETAILED', anywhere: true })],
]);

export const globalsWithout = (idle: readonly string[]): readonly (readonly [string, FlagSpec])[] =>
  [...globalFlags].filter(([name]) => !idle.includes(name));

/** What the requests of a command do not carry, and its output has no use for, where it sends many of its own. */
export const idleInBulk = [
  'mfa',
  'wrap-ttl',
  'policy-override',
  'output-curl-string',
  'output-policy',
  'field',
  'detailed',
] as const;

/** An answer as rows of a table: the wrapping token, the lease, the token of a login, the data, in this order. */
import type { Answer } from '@coffer/client/answer.ts';
import { objectIn, textIn } from '@coffer/client/members.ts';
import type { Json, JsonObject } from '@coffer/schema/json/value.ts';
import { JsonNumber } from '@coffer/schema/json/value.ts';
import { byName, cell } from './cell.ts';
import { humanSeconds } from './duration.ts';

/** Name → value for `-field`, in the order of the table. */
export type Field = readonly [name: string, value: Json];

const quotedList = (value: Json | undefined): string =>
  Array.isArray(value) && value.length > 0
    ? `[${value.map((one: Json) => JSON.stringify(cell(one))).join(' ')}]`
    : '[]';

const forEver = '∞';

const secondsOf = (value: Json | undefined): number => (value instanceof JsonNumber ? value.toNumber() : 0);

const authFields = (auth: JsonObject): Field[] => {
  const seconds = secondsOf(auth.get('lease_duration'));
  const metadata = objectIn(auth, 'metadata') ?? new Map<string, Json>();
  return [
    ['token', textIn(auth, 'client_token')],
    ['token_accessor', textIn(auth, 'accessor')],
    ['token_duration', seconds === 0 ? forEver : humanSeconds(seconds)],
    ['token_renewable', auth.get('renewable') ?? false],
    ['token_policies', quotedList(auth.get('token_policies'))],
    ['identity_policies', quotedList(auth.get('identity_policies'))],
    ['policies', quotedList(auth.get('policies'))],
    ...[...metadata].toSorted(byName).map(([name, value]): Field => [`token_meta_${name}`, value]),
  ];
};

const wrapFields = (info: JsonObject): Field[] => [
  ['wrapping_token:', textIn(info, 'token')],
  ['wrapping_accessor:', textIn(info, 'accessor')],
  ['wrapping_token_ttl:', humanSeconds(secondsOf(info.get('ttl')))],
  ['wrapping_token_creation_time:', textIn(info, 'creation_time')],
  ['wrapping_token_creation_path:', textIn(info, 'creation_path')],
  ...(textIn(info, 'wrapped_accessor') === ''
    ? []
    : [['wrapped_accessor:', textIn(info, 'wrapped_accessor')] as const]),
];

const leaseFields = (answer: Answer): Field[] => {
  const seconds = answer.leaseDurationSeconds;
  if (answer.leaseId !== '') {
    return [
      ['lease_id', answer.leaseId],
      ['lease_duration', humanSeconds(seconds)],
      ['lease_renewable', answer.renewable],
    ];
  }
  return seconds > 0 ? [['refresh_interval', humanSeconds(seconds)]] : [];
};

const envelopeMembers = ['request_id', 'data', 'auth', 'wrap_info'] as const;

/** What is answered without an envelope, as `sys/health` is: its members are the data. */
const isBare = (body: JsonObject): boolean => envelopeMembers.every(name => !body.has(name));

export const answerFields = (answer: Answer): Field[] => {
  if (isBare(answer.body)) return [...answer.body].toSorted(byName);
  const info = objectIn(answer.body, 'wrap_info');
  if (info !== undefined) return wrapFields(info);
  const auth = objectIn(answer.body, 'auth');
  return [
    ...leaseFields(answer),
    ...(auth === undefined ? [] : authFields(auth)),
    ...[...(answer.data ?? new Map<string, Json>())].toSorted(byName),
  ];
};

export const fieldRows = (fields: readonly Field[]): [string, string][] =>
  fields.map(([name, value]) => [name, cell(value)]);

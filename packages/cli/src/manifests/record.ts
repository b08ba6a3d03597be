/**
 * A Secret as it is kept under its key: values as text, those that are not UTF-8 as base64 with their key named in the
 * custom metadata, so that the same bytes come back. Values travel as `Secret`, which does not print.
 */
import type { Json, JsonObject } from '@coffer/schema/json/value.ts';
import { secretOf } from '@coffer/client/answer.ts';
import { CofferError } from '@coffer/schema/errors.ts';
import { Secret } from '@coffer/schema/secret.ts';
import { asText, fromBase64, toBase64 } from './base64.ts';
import type { Facts } from './custom-metadata.ts';
import type { KubeSecret } from './kube-secret.ts';
import { shown } from './names.ts';

export interface Kept {
  readonly values: ReadonlyMap<string, Secret>;
  readonly facts: Facts;
}

export const recordOf = (secret: KubeSecret, source: string): Kept => {
  const values = new Map<string, Secret>();
  const binary: string[] = [];
  for (const [key, bytes] of secret.data) {
    if (asText(bytes) === undefined) binary.push(key);
    values.set(key, Secret.of(asText(bytes) ?? toBase64(bytes)));
  }
  const { data: _, ...rest } = secret;
  return { values, facts: { secret: rest, binary: binary.toSorted(), source } };
};

/** One value of the store as the bytes it stands for. */
export const bytesOf = (value: Json, key: string, facts: Facts): Uint8Array => {
  if (!facts.binary.includes(key)) return secretOf(value).reveal();
  const bytes = typeof value === 'string' ? fromBase64(value) : undefined;
  if (bytes === undefined) {
    throw new CofferError('invalid_request', `"${shown(key)}": named as binary, but it is not base64`);
  }
  return bytes;
};

export const secretFrom = (data: JsonObject, facts: Facts): KubeSecret => ({
  ...facts.secret,
  data: new Map([...data].map(([key, value]) => [key, bytesOf(value, key, facts)])),
});

/**
 * What the server answered. Data may hold secrets, so an answer shows only its status and the names of its members when
 * printed, logged or turned into JSON; values come out through its readers alone. Numbers keep their source text.
 */
import { type Json, JsonNumber, type JsonObject } from '@coffer/schema/json/value.ts';
import { Secret } from '@coffer/schema/secret.ts';
import { jsonText } from './json.ts';
import { isObject, numberIn, objectIn, textIn, textsIn } from './members.ts';

export interface Auth {
  readonly token: Secret;
  readonly accessor: string;
  readonly policies: readonly string[];
  readonly leaseDurationSeconds: number;
  readonly renewable: boolean;
  readonly type: string;
  readonly entityId: string;
}

export interface WrapInfo {
  readonly token: Secret;
  readonly accessor: string;
  readonly ttlSeconds: number;
  readonly creationPath: string;
  readonly creationTime: string;
  /** Of the token inside, where a token was made; `''` otherwise. */
  readonly wrappedAccessor: string;
}

const readAuth = (auth: JsonObject): Auth => ({
  token: Secret.of(textIn(auth, 'client_token')),
  accessor: textIn(auth, 'accessor'),
  policies: textsIn(auth, 'policies'),
  leaseDurationSeconds: numberIn(auth, 'lease_duration'),
  renewable: auth.get('renewable') === true,
  type: textIn(auth, 'token_type'),
  entityId: textIn(auth, 'entity_id'),
});

const readWrapInfo = (info: JsonObject): WrapInfo => ({
  token: Secret.of(textIn(info, 'token')),
  accessor: textIn(info, 'accessor'),
  ttlSeconds: numberIn(info, 'ttl'),
  creationPath: textIn(info, 'creation_path'),
  creationTime: textIn(info, 'creation_time'),
  wrappedAccessor: textIn(info, 'wrapped_accessor'),
});

const keysOf = (value: Json | undefined): string => {
  if (value instanceof Map) return `{ ${[...value.keys()].join(', ')} }`;
  if (Array.isArray(value)) return `[ ${value.length} ]`;
  return value === undefined || value === null ? 'none' : '[value]';
};

export class Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly #body: Json | undefined;
  readonly #bytes: Uint8Array;

  constructor(
    status: number,
    headers: ReadonlyMap<string, string>,
    content: { body: Json | undefined; bytes: Uint8Array },
  ) {
    this.status = status;
    this.headers = headers;
    this.#body = content.body;
    this.#bytes = content.bytes;
  }

  /** The body as it came. */
  bytes(): Uint8Array {
    return this.#bytes;
  }

  /** The whole body: the envelope, or what stands in its place. Empty where the body is no JSON object. */
  get body(): JsonObject {
    return isObject(this.#body) ? this.#body : new Map();
  }

  get data(): JsonObject | undefined {
    return objectIn(this.body, 'data');
  }

  get requestId(): string {
    return textIn(this.body, 'request_id');
  }

  get leaseId(): string {
    return textIn(this.body, 'lease_id');
  }

  get leaseDurationSeconds(): number {
    return numberIn(this.body, 'lease_duration');
  }

  get renewable(): boolean {
    return this.body.get('renewable') === true;
  }

  get warnings(): readonly string[] {
    return textsIn(this.body, 'warnings');
  }

  get auth(): Auth | undefined {
    const auth = objectIn(this.body, 'auth');
    return auth === undefined ? undefined : readAuth(auth);
  }

  get wrapInfo(): WrapInfo | undefined {
    const info = objectIn(this.body, 'wrap_info');
    return info === undefined ? undefined : readWrapInfo(info);
  }

  /** One value of the data as a secret: text as it is, anything else as JSON text. */
  secret(name: string): Secret | undefined {
    const value = this.data?.get(name);
    return value === undefined || value === null ? undefined : secretOf(value);
  }

  toString(): string {
    return `Answer ${this.status} ${keysOf(this.#body)} data ${keysOf(this.data)}`;
  }

  toJSON(): string {
    return this.toString();
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

/** Text and numbers become their own text; what has structure becomes JSON. */
export const secretOf = (value: Json): Secret => {
  if (typeof value === 'string') return Secret.of(value);
  if (value instanceof JsonNumber) return Secret.of(value.source);
  return Secret.of(jsonText(value));
};

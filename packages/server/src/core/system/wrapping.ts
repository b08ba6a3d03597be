/** Rows of `sys/wrapping/`: keep an answer back behind a token, look at the token, open it once, put a new one in its place. */
import { CofferError } from '@coffer/schema/errors.ts';
import { t } from '@coffer/schema/fields/t.ts';
import { toPlain } from '@coffer/schema/json/text.ts';
import type { RawJson } from '@coffer/schema/json/raw.ts';
import type { Out } from '@coffer/schema/out.ts';
import { openBodyLimitBytes, Reply } from '@coffer/schema/row.ts';
import type { Secret } from '@coffer/schema/secret.ts';
import { shownToken } from '../request/shown-token.ts';
import type { Token } from '../tokens/token.ts';
import { invalidWrappingToken, isWrapping } from '../wrapping/wrapped.ts';
import type { KeptAnswer } from '../wrapping/wrapping.ts';
import { callerOf, read, type SystemCx, write } from './context.ts';

const lookupOut = {
  creation_path: t.string('The request path that made the answer'),
  creation_time: t.time('When it was wrapped'),
  creation_ttl: t.integer('For how many seconds'),
} as const;

const named = (token: Secret | undefined): string | undefined =>
  token === undefined || token.length === 0 ? undefined : token.revealText();

/** Counts as no use. */
const lookup = async ({ core, exchange }: SystemCx, body: Secret | undefined) => {
  const text = named(body) ?? shownToken(exchange.wire.headers);
  if (text === undefined) throw new CofferError('invalid_request', 'missing "token" value in input');
  const token = await core.wrapping.find(text);
  if (token === undefined) throw invalidWrappingToken();
  return {
    creation_path: token.path,
    creation_time: new Date(token.createdAtSeconds * 1000),
    creation_ttl: token.creationTtlSeconds,
  };
};

/** The token that is to be opened: named in the body, or the caller's own. A wrapping token opens nothing but itself. */
const toOpen = async (cx: SystemCx, body: Secret | undefined): Promise<string | undefined> => {
  const { text, token } = callerOf(cx);
  const given = named(body);
  const inner = given === undefined ? text : await cx.core.wrapping.innerText(given);
  return inner !== text && isWrapping(token) ? undefined : inner;
};

/** Takes the token its only use. Of all who try, the commit of one succeeds. */
const spend = async ({ core, exchange }: SystemCx, text: string): Promise<Token | undefined> => {
  if ((await core.wrapping.find(text)) === undefined) return undefined;
  const used = await core.tokens.authenticate(text, exchange.wire.peer.address);
  if (used !== undefined) exchange.afterwards.push(core.uses.enter(used));
  return used;
};

const unwrap = async (cx: SystemCx, body: Secret | undefined): Promise<Reply> => {
  const text = await toOpen(cx, body);
  const token = text === undefined ? undefined : await spend(cx, text);
  const answer = token === undefined ? undefined : await cx.core.wrapping.answerOf(token);
  if (answer === undefined) throw invalidWrappingToken();
  return opened(answer);
};

/** The answer as it was, byte for byte. Data and token of it are told to audit, which hashes them as it did the first time. */
const opened = ({ status, body }: KeptAnswer): Reply => {
  const members = body.members();
  const data = members.get('data');
  const auth = members.get('auth');
  return new Reply(data?.type === 'object' ? readable(data) : undefined, {
    status,
    raw: { contentType: 'application/json', bytes: body.bytes },
    ...(auth?.type === 'object' ? { auth: toPlain(auth.value()) as { readonly [name: string]: Out } } : {}),
  });
};

/** A list is opened: audit hashes a long one in pieces. */
const readable = (data: RawJson): { readonly [name: string]: Out } | RawJson => {
  const members = data.members();
  const keys = members.get('keys');
  return keys?.type === 'array' ? { ...Object.fromEntries(members), keys: keys.value() } : data;
};

const rewrap = async ({ core, exchange }: SystemCx, given: Secret): Promise<Reply> => {
  const old = await core.wrapping.find(given.revealText());
  exchange.wrapped = old === undefined ? undefined : await core.wrapping.rewrap(old);
  if (old === undefined || exchange.wrapped === undefined) throw invalidWrappingToken();
  exchange.afterwards.push(() => core.revocation.revoke(old.accessor));
  return new Reply(undefined);
};

export const wrappingRows = [
  read(
    'wrapping/pubkey',
    {
      summary: 'Show the key by which wrapping tokens in the form of JWT can be verified',
      description: 'There is none before the first JWT was made.',
      access: 'open',
      out: {
        jwt_x: t.string('The point’s x, a decimal number'),
        jwt_y: t.string('Its y'),
        jwt_curve: t.string('The curve: `p521`, for ES512'),
      },
    },
    async ({ core }) => {
      const key = await core.wrapping.publicKey();
      return key && { jwt_x: key.x, jwt_y: key.y, jwt_curve: 'p521' };
    },
  ),
  write(
    'wrapping/wrap',
    {
      summary: 'Keep data back behind a wrapping token',
      description:
        'Asks for `X-Vault-Wrap-TTL`; the token is always a plain one, so that nobody can have a JWT signed over data of their own.',
      in: { data: t.object('What is to be wrapped') },
      wholeBody: 'data',
    },
    ({ exchange }, { data }) => {
      if (exchange.wrap === undefined)
        throw new CofferError('invalid_request', 'endpoint requires response wrapping to be used');
      exchange.wrap = { ...exchange.wrap, format: 'plain' };
      return new Reply(data ?? {});
    },
  ),
  read(
    'wrapping/lookup',
    {
      summary: 'Show where the calling wrapping token comes from; does not use it up',
      access: 'open',
      out: lookupOut,
    },
    cx => lookup(cx, undefined),
  ),
  write(
    'wrapping/lookup',
    {
      summary: 'Show where a wrapping token comes from; does not use it up',
      access: 'open',
      in: { token: t.secret('The wrapping token; the calling one where absent') },
      out: lookupOut,
      pure: true,
    },
    (cx, { token }) => lookup(cx, token),
  ),
  write(
    'wrapping/unwrap',
    {
      summary: 'Open a wrapping token: answers what it holds, once',
      in: { token: t.secret('The wrapping token; the calling one where absent') },
      bodyLimitBytes: openBodyLimitBytes,
      wrappable: false,
      wrappingToken: true,
    },
    (cx, { token }) => unwrap(cx, token),
  ),
  write(
    'wrapping/rewrap',
    {
      summary: 'Put a new wrapping token in the place of one: for the same answer, path and time',
      in: { token: t.secret('The wrapping token', { required: true }) },
    },
    (cx, { token }) => rewrap(cx, token),
  ),
];

/** Rows that look at, renew and revoke tokens: by the token itself, by its text, by its accessor. */
import { CofferError, oneError } from '@coffer/schema/errors.ts';
import { t } from '@coffer/schema/fields/t.ts';
import { Reply } from '@coffer/schema/row.ts';
import type { Secret } from '@coffer/schema/secret.ts';
import { callerOf, list, read, type SystemCx, write } from '../system/context.ts';
import { authAnswer, lookupAnswer } from './answer.ts';
import { batchNotRenewed, renewToken } from './renew.ts';
import type { Token } from './token.ts';

const tokenField = t.secret('The token', { required: true });
const accessorField = t.string('The accessor', { required: true });
const incrementField = t.duration('Time asked for, counted from now', { default: 0 });
const lookupOut = {
  accessor: t.string('Names the token without being it'),
  id: t.secret('The token'),
  policies: t.list('Its policies'),
  ttl: t.integer('Seconds it still lives; 0 without end'),
  expire_time: t.time('When it ends'),
  type: t.string('service or batch'),
} as const;
/** Accessors in one answer; a caller who has more asks page by page. */
const accessorsLimit = 100_000;

/** Refuses rather than cut: who sees a list believes to have seen all tokens. */
const accessors = async ({ core }: SystemCx, after: string | undefined, limit = 0): Promise<readonly string[]> => {
  const found = await core.tokens.accessors(
    after,
    limit === 0 ? accessorsLimit + 1 : Math.min(limit, accessorsLimit + 1),
  );
  if (found.length > accessorsLimit)
    throw new CofferError('invalid_request', `more than ${accessorsLimit} accessors: ask with "limit" and "after"`);
  return found;
};

/** A token by its text. Its own absence is the caller's answer, never a reason. */
const byText = async ({ core }: SystemCx, text: string): Promise<Token> => {
  const token = await core.tokens.find(text);
  if (token === undefined) throw new CofferError('bad_token', 'bad token');
  return token;
};

const byAccessor = async ({ core }: SystemCx, accessor: string): Promise<Token> => {
  const token = await core.tokens.findByAccessor(accessor);
  if (token === undefined) throw new CofferError('invalid_request', oneError('invalid accessor'));
  return token;
};

const now = ({ core }: SystemCx): number => core.tokens.nowSeconds();

const self = (cx: SystemCx) => {
  const { token, text } = callerOf(cx);
  return lookupAnswer(token, text, now(cx));
};

const lookup = async (cx: SystemCx, token: Secret | undefined) => {
  if (token === undefined || token.length === 0) return self(cx);
  const text = token.revealText();
  return lookupAnswer(await byText(cx, text), text, now(cx));
};

const renew = async (cx: SystemCx, found: Shown, incrementSeconds: number): Promise<Reply> => {
  const { token, warnings } = await renewToken(cx.core, found.token, incrementSeconds);
  return new Reply(undefined, { auth: authAnswer(token, found.text, now(cx)), warnings });
};

interface Shown {
  readonly token: Token;
  readonly text: string | undefined;
}

const batchNotRevoked = 'batch tokens cannot be revoked';

const revoke = async ({ core }: SystemCx, token: Token | undefined): Promise<void> => {
  if (token?.type === 'batch') throw new CofferError('invalid_request', batchNotRevoked);
  if (token !== undefined) await core.revocation.revoke(token.accessor);
};

const revokeAlone = async ({ core }: SystemCx, token: Token | undefined): Promise<void> => {
  if (token === undefined) throw new CofferError('invalid_request', 'token to revoke not found');
  if (token.type === 'batch') throw new CofferError('invalid_request', batchNotRevoked);
  await core.revocation.revokeAlone(token.accessor);
};

const pure = true;

export const lookupRows = [
  read('lookup-self', { summary: 'Show the calling token', out: lookupOut }, self),
  write('lookup-self', { summary: 'Show the calling token', out: lookupOut, pure }, self),
  read('lookup', { summary: 'Show the calling token', out: lookupOut }, self),
  write(
    'lookup',
    {
      summary: 'Show a token',
      in: { token: t.secret('The token; the calling one where absent') },
      out: lookupOut,
      pure,
    },
    (cx, { token }) => lookup(cx, token),
  ),
  write(
    'lookup-accessor',
    { summary: 'Show the token of an accessor', in: { accessor: accessorField }, out: lookupOut, pure },
    async (cx, { accessor }) => lookupAnswer(await byAccessor(cx, accessor), undefined, now(cx)),
  ),
  write(
    'renew-self',
    { summary: 'Renew the calling token', in: { increment: incrementField }, serviceOnly: batchNotRenewed },
    (cx, { increment }) => renew(cx, callerOf(cx), increment),
  ),
  write(
    'renew',
    { summary: 'Renew a token', in: { token: tokenField, increment: incrementField } },
    async (cx, { token, increment }) => {
      const text = token.revealText();
      return renew(cx, { token: await byText(cx, text), text }, increment);
    },
  ),
  write(
    'renew-accessor',
    { summary: 'Renew the token of an accessor', in: { accessor: accessorField, increment: incrementField } },
    async (cx, { accessor, increment }) =>
      renew(cx, { token: await byAccessor(cx, accessor), text: undefined }, increment),
  ),
  write('revoke-self', { summary: 'Revoke the calling token and all it made', serviceOnly: batchNotRevoked }, cx =>
    revoke(cx, callerOf(cx).token),
  ),
  write('revoke', { summary: 'Revoke a token and all it made', in: { token: tokenField } }, async (cx, { token }) =>
    revoke(cx, await cx.core.tokens.find(token.revealText())),
  ),
  write(
    'revoke-accessor',
    { summary: 'Revoke the token of an accessor and all it made', in: { accessor: accessorField } },
    async (cx, { accessor }) => revoke(cx, await byAccessor(cx, accessor)),
  ),
  write(
    'revoke-orphan',
    { summary: 'Revoke a token and leave those it made as orphans', in: { token: tokenField }, access: 'sudo' },
    async (cx, { token }) => revokeAlone(cx, await cx.core.tokens.find(token.revealText())),
  ),
  list(
    'accessors',
    {
      summary: 'List the accessors of all tokens',
      access: 'sudo',
      in: {
        after: t.string('Start behind this accessor'),
        limit: t.limit('Most keys answered; 0, a negative number or "max" for all'),
      },
      out: { keys: t.list('Accessors') },
    },
    async (cx, { after, limit }) => {
      const keys = await accessors(cx, after, limit);
      return keys.length === 0 ? undefined : { keys };
    },
  ),
  write(
    'tidy',
    { summary: 'Clear what expired tokens left behind; says that the clock is right', status: 202 },
    async ({ core }) => {
      core.clockWatch.vouch();
      await core.revocation.expire(core.tokens.nowSeconds());
      return new Reply(undefined, {
        status: 202,
        warnings: ['Expired tokens and what they left behind have been cleared.'],
      });
    },
  ),
];

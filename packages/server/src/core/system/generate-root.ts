/** Rows that make a root token on the word of a quorum; with a token, or, where a listener allows it, without. */
import { CofferError } from '@coffer/schema/errors.ts';
import { t } from '@coffer/schema/fields/t.ts';
import { Secret } from '@coffer/schema/secret.ts';
import type { GenerateRoot } from '../seal/generate-root.ts';
import { decodeToken } from '../seal/pad.ts';
import { read, remove, type SystemCx, write } from './context.ts';
import { rootAnswer } from './quorum-answers.ts';

const statusOut = {
  nonce: t.string('Names this procedure'),
  started: t.boolean('It is under way'),
  progress: t.integer('Shares handed in'),
  required: t.integer('Shares needed'),
  complete: t.boolean('It is done'),
  encoded_token: t.string('The token under the one-time pad, in base64'),
  otp: t.secret('The one-time pad, where it was made here'),
  otp_length: t.integer('Length of the pad in bytes'),
} as const;

type Which = (cx: SystemCx) => GenerateRoot;
type Columns = {
  readonly access: 'open' | 'token';
  readonly answer: 'bare' | 'envelope';
  readonly rootNamespaceOnly: true;
};

const startFields = {
  otp: t.secret('A one-time pad of your own'),
  pgp_key: t.string('Not supported: use the one-time pad', { default: '' }),
} as const;
const shareFields = {
  key: t.secret('A share', { required: true }),
  nonce: t.string('As answered by attempt', { required: true }),
} as const;

const rowsAt = (base: 'generate-root' | 'generate-root-token', columns: Columns, which: Which) => {
  // Where no token is asked the procedure is also at its bare name.
  const attempt = { ...columns, aliases: base === 'generate-root' ? [base] : [] } as const;
  return [
    read(`${base}/attempt`, { ...attempt, summary: 'Show how far the root token is', out: statusOut }, async cx =>
      rootAnswer(await which(cx).status()),
    ),
    write(
      `${base}/attempt`,
      { ...attempt, summary: 'Begin to make a root token', in: startFields, out: statusOut },
      async (cx, { otp, pgp_key }) =>
        rootAnswer(await which(cx).start({ otp: otp?.revealText() ?? '', pgpKey: pgp_key })),
    ),
    remove(`${base}/attempt`, { ...attempt, summary: 'Stop making a root token' }, cx => which(cx).cancel()),
    write(
      `${base}/update`,
      { ...columns, summary: 'Hand in a share', in: shareFields, out: statusOut },
      async (cx, { key, nonce }) => rootAnswer(await which(cx).update(key.revealText(), nonce)),
    ),
  ];
};

const withToken: Columns = { access: 'token', answer: 'envelope', rootNamespaceOnly: true };
const withoutToken: Columns = { access: 'open', answer: 'bare', rootNamespaceOnly: true };

const unauthenticated: Which = ({ core }) => {
  if (!core.settings.unauthenticatedGenerateRoot)
    throw new CofferError('unsupported_operation', 'unsupported operation');
  return core.seal.generateRoot;
};

export const generateRootRows = [
  ...rowsAt('generate-root-token', withToken, ({ core }) => core.seal.generateRoot),
  ...rowsAt('generate-root', withoutToken, unauthenticated),
  write(
    'decode-token',
    {
      summary: 'Take the one-time pad off a root token',
      access: 'open',
      audit: 'none',
      pure: true,
      rootNamespaceOnly: true,
      in: {
        encoded_token: t.secret('As answered by update', { required: true }),
        otp: t.secret('The one-time pad', { required: true }),
      },
      out: { token: t.secret('The token') },
    },
    (_, { encoded_token, otp }) => ({ token: Secret.of(decodeToken(encoded_token.revealText(), otp.revealText())) }),
  ),
];

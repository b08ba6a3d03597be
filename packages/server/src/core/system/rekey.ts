/**
 * Rows that replace the shares of a key on the word of a quorum: with a token under `sys/rotate/…`; without one under
 * `sys/rekey/…`, which a listener must allow.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import { t } from '@coffer/schema/fields/t.ts';
import type { Rekey } from '../seal/rekey.ts';
import { read, remove, type SystemCx, write } from './context.ts';
import { rekeyAnswer, verifyAnswer } from './quorum-answers.ts';

const startFields = {
  secret_shares: t.integer('New shares', { default: 0 }),
  secret_threshold: t.integer('Shares needed', { default: 0 }),
  pgp_keys: t.list('Not supported: shares are answered in clear', { default: [] }),
  backup: t.boolean('Not supported: it needs pgp_keys', { default: false }),
  require_verification: t.boolean('The new shares must be handed in once before they replace the old ones', {
    default: false,
  }),
} as const;
const shareFields = {
  key: t.secret('A share', { required: true }),
  nonce: t.string('As answered by init', { required: true }),
} as const;
const statusOut = {
  nonce: t.string('Names this procedure'),
  started: t.boolean('It is under way'),
  progress: t.integer('Shares handed in'),
  required: t.integer('Shares needed'),
  complete: t.boolean('It is done'),
  keys: t.list('The new shares in hex, shown once'),
  keys_base64: t.list('The same in base64'),
} as const;

type Columns = {
  readonly access: 'open' | 'token';
  readonly answer: 'bare' | 'envelope';
  readonly rootNamespaceOnly: true;
};
type Which = (cx: SystemCx) => Rekey;

const rowsAt = (
  base: 'rekey' | 'rekey-recovery-key' | 'rotate/root' | 'rotate/recovery',
  columns: Columns,
  which: Which,
) => [
  read(`${base}/init`, { ...columns, summary: 'Show how far the new shares are', out: statusOut }, async cx =>
    rekeyAnswer(await which(cx).status()),
  ),
  write(
    `${base}/init`,
    { ...columns, summary: 'Begin to make new shares', in: startFields, out: statusOut },
    async (cx, args) =>
      rekeyAnswer(
        await which(cx).start({
          secretShares: args.secret_shares,
          secretThreshold: args.secret_threshold,
          pgpKeys: args.pgp_keys,
          backup: args.backup,
          requireVerification: args.require_verification,
        }),
      ),
  ),
  remove(`${base}/init`, { ...columns, summary: 'Stop making new shares' }, cx => which(cx).cancel()),
  write(
    `${base}/update`,
    // Keeping the answer back would lose the new shares, and with them the store.
    { ...columns, summary: 'Hand in an old share', audit: 'request', in: shareFields, out: statusOut },
    async (cx, { key, nonce }) => rekeyAnswer(await which(cx).update(key.revealText(), nonce)),
  ),
  read(`${base}/verify`, { ...columns, summary: 'Show how far the verification is', out: statusOut }, cx =>
    verifyAnswer(which(cx).verifyStatus()),
  ),
  write(
    `${base}/verify`,
    { ...columns, summary: 'Hand in a new share', in: shareFields, out: statusOut },
    async (cx, { key, nonce }) => verifyAnswer(await which(cx).verify(key.revealText(), nonce)),
  ),
  remove(
    `${base}/verify`,
    { ...columns, summary: 'Begin the verification anew' },
    cx => void which(cx).restartVerification(),
  ),
];

const unauthenticated =
  (which: Which): Which =>
  cx => {
    if (!cx.core.settings.unauthenticatedRekey) throw new CofferError('unsupported_operation', 'unsupported operation');
    return which(cx);
  };

const root: Which = ({ core }) => core.seal.rekey;
const recovery: Which = ({ core }) => {
  const { recoveryRekey } = core.seal;
  if (recoveryRekey === undefined)
    throw new CofferError(
      'invalid_request',
      'recovery keys belong to seals that open by themselves; this store has unseal keys',
    );
  return recoveryRekey;
};
const withToken: Columns = { access: 'token', answer: 'envelope', rootNamespaceOnly: true };
const withoutToken: Columns = { access: 'open', answer: 'bare', rootNamespaceOnly: true };

const noBackup = (): never => {
  throw new CofferError('not_found', 'no backed-up keys found');
};

const backupRows = (
  ['rekey/backup', 'rekey/recovery-key-backup', 'rotate/root/backup', 'rotate/recovery/backup'] as const
).flatMap(path => [
  read(
    path,
    { summary: 'Show shares that were backed up: there are none, shares are never kept', rootNamespaceOnly: true },
    noBackup,
  ),
  remove(path, { summary: 'Delete shares that were backed up', rootNamespaceOnly: true }, () => undefined),
]);

export const rekeyRows = [
  ...rowsAt('rotate/root', withToken, root),
  ...rowsAt('rotate/recovery', withToken, recovery),
  ...rowsAt('rekey', withoutToken, unauthenticated(root)),
  ...rowsAt('rekey-recovery-key', withoutToken, unauthenticated(recovery)),
  ...backupRows,
  write(
    'rotate/root',
    {
      summary: 'Replace the root key; shares stay as they are',
      description: 'Only where the seal opens by itself. Where people hold shares, rotate/root/init asks them.',
      access: 'sudo',
      rootNamespaceOnly: true,
    },
    ({ core }) => core.seal.rotateRootKey(),
  ),
];

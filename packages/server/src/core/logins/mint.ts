/**
 * Makes the token that an auth method asked for. A mount that is on its way out makes none: its record is held against the
 * one that was read, in the commit that stores the token.
 */
import type { AuthRequest } from '@coffer/schema/auth-request.ts';
import { CofferError } from '@coffer/schema/errors.ts';
import { Reply } from '@coffer/schema/row.ts';
import { effectiveTtl } from '../mounts/lease-times.ts';
import { mountRecords } from '../mounts/records.ts';
import type { Core } from '../request/core.ts';
import type { Exchange } from '../request/exchange.ts';
import { authAnswer } from '../tokens/answer.ts';
import { draftLogin } from './draft.ts';

/** A mount is seldom tuned; one that is tuned this often in the middle of a login is a fault. */
const attemptsLimit = 8;

export const mintLogin = async (core: Core, exchange: Exchange, asked: AuthRequest): Promise<Reply> => {
  const id = exchange.mount?.record.id ?? '';
  const records = mountRecords(core.storage);
  for (let attempt = 0; attempt < attemptsLimit; attempt++) {
    const held = await records.get(id);
    if (held === undefined || held.record.leaving === true) throw gone();
    const nowSeconds = core.tokens.nowSeconds();
    const { draft, warnings } = draftLogin(asked, {
      mount: held.record,
      path: exchange.path,
      address: exchange.wire.peer.address,
      nowSeconds,
      ttl: effectiveTtl(held.record.config, core.ttl),
    });
    const made = await core.tokens.make(draft, undefined, [records.check(id, held.revision)]);
    if (made === undefined) continue;
    return new Reply(undefined, { auth: authAnswer(made.token, made.text, nowSeconds), warnings });
  }
  throw new CofferError('conflict', 'the auth method was changed by too many requests at once; try again');
};

const gone = (): CofferError =>
  new CofferError('permission_denied', 'permission denied', { because: 'the auth method is being disabled' });

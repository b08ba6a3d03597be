/** Secrets of one token: nobody else reaches them, and they go with it. Values are kept as the bytes they came in. */
import { CofferError } from '@coffer/schema/errors.ts';
import { t } from '@coffer/schema/fields/t.ts';
import { Reply, rowsFor } from '@coffer/schema/row.ts';
import type { Cx, Engine } from '../../../contracts/engine.ts';
import { checkPath } from '../../keyed/key-path.ts';
import { whenThere } from '../../keyed/later.ts';
import { listFields, listNames, pageOf } from '../../keyed/listing.ts';
import { isThere } from '../../keyed/there.ts';
import { encodeValue, isEmptyObject, valueOf } from '../../keyed/value-record.ts';
import { cubbyholeRoot } from './storage.ts';

const needs = ['storage', 'clock', 'caller'] as const;
type CubbyholeCx = Cx<(typeof needs)[number]>;
const rows = rowsFor<CubbyholeCx>();

/** Where the caller's records lie, if it can have any. */
const rootOf = ({ caller }: CubbyholeCx): string | undefined =>
  caller.tokenType === 'service' && caller.tokenId !== undefined ? cubbyholeRoot(caller.tokenId) : undefined;

const serviceOnly = "cubbyhole operations are only supported by 'service' type tokens";

const ownRoot = (cx: CubbyholeCx): string => {
  const root = rootOf(cx);
  if (root !== undefined) return root;
  throw new CofferError('invalid_request', serviceOnly);
};

const keyOf = (cx: CubbyholeCx, args: { readonly path: string }): string => ownRoot(cx) + checkPath(args.path);

const path = t.path('Path of the secret');
const listed = { keys: t.list('Names; folders end in a slash') };

export const cubbyhole: Engine = {
  kind: 'secret',
  type: 'cubbyhole',
  summary: 'Secrets of one token, which go with it',
  needs,
  rows: [
    rows.read(':path*', { summary: 'Read a secret of the token', in: { path }, serviceOnly }, (cx, args) =>
      whenThere(cx.storage.get(keyOf(cx, args)), entry =>
        entry === undefined ? undefined : new Reply(valueOf(entry).json),
      ),
    ),
    rows.write(
      ':path*',
      {
        summary: 'Write a secret of the token',
        in: { path, data: t.object('The values') },
        wholeBody: 'data',
        serviceOnly,
        exists: (cx, args) => isThere(cx.storage, { root: rootOf(cx), path: args.path }),
      },
      async (cx, args) => {
        const key = keyOf(cx, args);
        if (args.data === undefined || isEmptyObject(args.data))
          throw new CofferError('invalid_request', 'missing data fields');
        await cx.storage.commit({ writes: [{ key, value: encodeValue(cx.clock.now(), args.data) }] });
      },
    ),
    rows.remove(':path*', { summary: 'Remove a secret of the token', in: { path }, serviceOnly }, async (cx, args) => {
      await cx.storage.commit({ writes: [{ key: keyOf(cx, args), value: undefined }] });
    }),
    rows.list(
      ':path*?',
      { summary: 'List secrets of the token in a folder', in: listFields, out: listed, serviceOnly },
      (cx, args) => listNames(cx.storage, ownRoot(cx), { ...pageOf(args), deep: false }),
    ),
    rows.scan(
      ':path*?',
      { summary: 'List secrets of the token below a folder', in: listFields, out: listed, serviceOnly },
      (cx, args) => listNames(cx.storage, ownRoot(cx), { ...pageOf(args), deep: true }),
    ),
  ],
};

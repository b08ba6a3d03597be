/** An auth method for tests: it believes whatever it is told, so that what the core makes of it can be seen. */
import type { AuthRequest } from '@coffer/schema/auth-request.ts';
import { CofferError } from '@coffer/schema/errors.ts';
import { t } from '@coffer/schema/fields/t.ts';
import { Reply, rowsFor } from '@coffer/schema/row.ts';
import type { Cx, Engine } from '../../../packages/server/src/contracts/engine.ts';
import { noRules, tokenFields, tokenRules } from '../../../packages/server/src/engines/login/token-fields.ts';

const { read, write } = rowsFor<Cx<'clock'>>();

export const workload = { namespace: 'shop', serviceAccount: 'web', pod: 'web-1', node: 'n1' };

interface Renewals {
  rules: AuthRequest['rules'] | undefined;
  isGone: boolean;
}

/** What it says at renewals, where a test changes its mind. */
export const renewals: Renewals = { rules: undefined, isGone: false };

const fields = {
  ...tokenFields,
  alias: t.string('Who', { default: 'somebody' }),
  metadata: t.keyvalues('About them', { default: new Map() }),
  unchecked: t.list('Policies that no role would take', { default: [] }),
  wait: t.boolean('Until the test lets go', { default: false }),
} as const;

export const gates = { entered: Promise.withResolvers<void>(), open: Promise.withResolvers<void>() };

const asked = (args: {
  readonly alias: string;
  readonly metadata: ReadonlyMap<string, string>;
  readonly unchecked: readonly string[];
}): AuthRequest => ({
  alias: { name: args.alias, metadata: new Map() },
  displayName: 'shop-web',
  metadata: args.metadata,
  rules: { ...tokenRules(args, noRules), ...(args.unchecked.length > 0 ? { policies: args.unchecked } : {}) },
  workload,
  renewal: new Map([['role', 'app']]),
});

export const believing: Engine = {
  kind: 'auth',
  type: 'believing',
  summary: 'Believes everybody',
  needs: ['clock'],
  rows: [
    write('login', { summary: 'Log in', access: 'open', wrappable: true, in: fields }, async (_, args) => {
      if (args.wait) {
        gates.entered.resolve();
        await gates.open.promise;
      }
      return new Reply(undefined, { login: asked(args) });
    }),
    read('pure', { summary: 'A fault: a read that logs in', access: 'open' }, () => {
      return new Reply(undefined, { login: asked({ alias: 'x', metadata: new Map(), unchecked: [] }) });
    }),
    write('torn', { summary: 'A fault: says yes, then no', access: 'open' }, () => {
      void new Reply(undefined, { login: asked({ alias: 'x', metadata: new Map(), unchecked: [] }) });
      throw new CofferError('permission_denied', 'permission denied', { because: 'proof: it changed its mind' });
    }),
  ],
  logins: {
    renew: () => {
      if (renewals.isGone) throw new CofferError('invalid_request', 'the role is gone');
      return renewals.rules ?? noRules;
    },
  },
};

/** A fault: a secrets engine that asks for a token. */
export const secretly: Engine = {
  kind: 'secret',
  type: 'secretly',
  summary: 'Asks for tokens',
  needs: ['clock'],
  rows: [
    write(
      'login',
      { summary: 'Log in' },
      () => new Reply(undefined, { login: asked({ alias: 'x', metadata: new Map(), unchecked: [] }) }),
    ),
  ],
};

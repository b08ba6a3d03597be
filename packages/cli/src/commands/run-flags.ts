/** Flags of `run` that do something only beside another one: refused alone, because who gives them expects an effect. */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Flags } from '../flags.ts';

const beside: readonly (readonly [flag: string, needed: string, isThere: (flags: Flags) => boolean])[] = [
  ['env-prefix', '-env-all', flags => flags.has('env-all')],
  ['replace-files', '-file', flags => flags.has('file')],
  ['check-every', '-on-change', flags => flags.has('on-change')],
  ['restart-every', '-on-change=restart', flags => flags.text('on-change') === 'restart'],
  ['grace', '-on-change=restart', flags => flags.text('on-change') === 'restart'],
];

/** Throws `usage`. */
export const refuseIdle = (flags: Flags): void => {
  for (const [flag, needed, isThere] of beside) {
    if (!flags.has(flag) || isThere(flags)) continue;
    throw new CofferError('usage', `-${flag} has an effect only with ${needed}: add that, or leave it out`);
  }
};

/** A secret from the command line: the argument, `-` for standard input, or a hidden question on the terminal. */
import { CofferError } from '@coffer/schema/errors.ts';
import { Secret } from '@coffer/schema/secret.ts';
import type { Cx } from './cx.ts';
import { DataArgs } from './data-args.ts';

const trimmed = (secret: Secret): Secret => Secret.of(secret.revealText().trim());

export const askSecret = async (cx: Cx, given: string | undefined, label: string): Promise<Secret> => {
  if (given === '-') return trimmed(Secret.of(await new DataArgs(cx.io).value('-', label)));
  if (given !== undefined && given !== '') return trimmed(Secret.of(given));
  const typed = cx.settings.bool('non-interactive')
    ? undefined
    : await cx.io.terminal.ask(`${label} (will be hidden): `);
  if (typed === undefined) {
    throw new CofferError(
      'usage',
      `${label}: there is no terminal to ask on; give it as an argument, or "-" to read standard input`,
    );
  }
  return trimmed(typed);
};

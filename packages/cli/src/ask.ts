/** A secret from the command line: the argument, `-` for standard input, or a hidden question on the terminal. */
import { CofferError } from '@coffer/schema/errors.ts';
import { Secret } from '@coffer/schema/secret.ts';
import type { Cx } from './cx.ts';
import { DataArgs } from './data-args.ts';

const trimmed = (secret: Secret, label: string): Secret => {
  try {
    return Secret.of(secret.revealText().trim());
  } catch (cause) {
    throw new CofferError('usage', `${label}: not UTF-8 text`, { cause });
  }
};

export const askSecret = async (cx: Cx, given: string | undefined, label: string): Promise<Secret> => {
  if (given === '-') return trimmed(Secret.of(await new DataArgs(cx.io).value('-', label)), label);
  if (given !== undefined && given !== '') return trimmed(Secret.of(given), label);
  const typed = cx.settings.bool('non-interactive')
    ? undefined
    : await cx.io.terminal.ask(`${label} (will be hidden): `);
  if (typed === undefined) {
    throw new CofferError(
      'usage',
      `${label}: there is no terminal to ask on; give it as an argument, or "-" to read standard input`,
    );
  }
  return trimmed(typed, label);
};

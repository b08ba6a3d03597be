/** Tokens come out of files, which end in a line break. */
import { Secret } from '@coffer/schema/secret.ts';

export const trimmed = (secret: Secret): Secret => Secret.of(secret.revealText().trim());

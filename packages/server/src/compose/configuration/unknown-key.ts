/**
 * What becomes of a key that no row names. A warning, as with the servers these files were written for: a key of a newer
 * or another version must not keep a store from starting. But where it was meant to protect something, or is one slip
 * away from a key that does, the store would start without the protection: that stays an error.
 */
import type { KeyRow } from './key-row.ts';
import { nearest } from './nearest.ts';

/** Of every key with a meaning for security, honoured or not. */
const guarding =
  /^(?:tls_|x_forwarded_for_|proxy_protocol_|disable_unauthed_|unsafe_|allow_|socket_|require_|max_lease_ttl$|chroot_|seal$|hsm$|kms$|audit$|user_lockout$|initialize$|raw_|introspection_)/;
const isGuarding = (block: string): boolean => /^(?:seal (?:shamir|static)|audit(?: \w+ options)?)$/.test(block);

const guards = (key: string, row: KeyRow | undefined): boolean => row?.list === 'error' || guarding.test(key);

export interface UnknownKey {
  readonly severity: 'error' | 'warning';
  readonly message: string;
}

const shownCharacters = 64;
/** A hint may guess; an error needs a slip: fewer letters, and the fewer the shorter the key. */
const slip = (key: string): number => 1 + Math.min(2, Math.floor(key.length / 8));

export const unknownKey = (block: string, given: string, known: ReadonlyMap<string, KeyRow>): UnknownKey => {
  const key = given.slice(0, shownCharacters);
  const names = [...known.keys()];
  const like = nearest(key, names);
  const meant = nearest(key, names, slip(key));
  const severe =
    isGuarding(block) || guards(key, undefined) || (meant !== undefined && guards(meant, known.get(meant)));
  const where = block === 'top level' ? '' : ` in ${block}`;
  const hint = like === undefined ? (severe ? 'remove it' : 'it has no effect') : `did you mean "${like}"?`;
  const what = `unknown or unsupported field "${key}" found in configuration${where}: ${hint}`;
  return severe
    ? { severity: 'error', message: `${what} (not ignored: it may have been meant to protect something)` }
    : { severity: 'warning', message: what };
};

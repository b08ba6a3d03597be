/**
 * Names of policies: trimmed and lower case, so that one policy has one name. What could pass for another name, and for
 * `root` above all, is refused: only the literal is root (S1).
 */
import { CofferError } from '@coffer/schema/errors.ts';
import { foldedName } from '@coffer/schema/folded-name.ts';

const lengthLimit = 256;
/** Does not print, or separates lines; a comma separates names in lists. */
const forbidden = /[\p{C}\p{Zl}\p{Zp},]/u;
const otherSpace = /[^\S ]/u;

const refuse = (why: string): never => {
  throw new CofferError('invalid_request', `policy name ${why}`);
};

/** The name a policy is stored and looked up by. Throws `CofferError` `invalid_request`. */
export const policyName = (given: string): string => {
  const name = foldedName(given);
  if (name === '') return refuse('is empty');
  if (name.length > lengthLimit) return refuse(`is longer than ${lengthLimit} characters`);
  if (forbidden.test(name) || otherSpace.test(name)) return refuse('has characters that cannot stand in it');
  if (name.split('/').includes('')) return refuse('has an empty part before, between or behind its slashes');
  if (name !== name.normalize('NFKC').toLowerCase()) return refuse('must be written in its plain form (Unicode NFKC)');
  if (name === 'root' && given !== 'root') return refuse('"root" must be written exactly so');
  return name;
};

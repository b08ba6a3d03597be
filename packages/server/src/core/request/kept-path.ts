/**
 * Some names are one name in any spelling (`folds` of their field). What policies say of the spelling that is kept holds for
 * all of them: who is denied `role/prod` is denied `role/PROD` (S5, S6).
 */
import { foldedName } from '@coffer/schema/folded-name.ts';
import type { Acl, Question } from '../policies/acl.ts';
import type { Decision } from '../policies/rule.ts';
import type { Exchange } from './exchange.ts';

/** Undefined where the request already names it as it is kept. */
const keptPath = ({ matched, mount, path }: Exchange): string | undefined => {
  if (matched === undefined || mount === undefined) return undefined;
  for (const [name, given] of matched.params) {
    if (matched.row.in[name]?.folds !== true) continue;
    const kept = foldedName(given);
    // Literal segments of rows are lower case, so that the first hit is the name.
    if (kept !== given) return mount.prefix + path.slice(mount.prefix.length).replace(given, () => kept);
  }
  return undefined;
};

/** The path as it was asked for must be granted; where there is a rule for the path as it is kept, that one decides. */
export const decide = (exchange: Exchange, acl: Acl, asked: Omit<Question, 'path'>): Decision => {
  const decision = acl.decide({ ...asked, path: exchange.path });
  const kept = decision.allowed ? keptPath(exchange) : undefined;
  if (kept === undefined) return decision;
  const ofKept = acl.decide({ ...asked, path: kept });
  return ofKept.refusal === 'no-rule' ? decision : ofKept;
};

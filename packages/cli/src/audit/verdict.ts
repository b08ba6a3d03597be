/** What verification found, for people. */
import { harmless } from '../format/table.ts';
import type { Finding } from './finding.ts';
import { findingsLimit, isJudged, type Verified } from './verify.ts';

const line = ({ kind, isFault, spot, text }: Finding): string => {
  const sequence = spot.sequence === undefined ? '' : ` record ${spot.sequence}`;
  const time = spot.time === undefined ? '' : ` ${spot.time}`;
  return harmless(`${isFault ? 'FAULT' : 'note '}  ${spot.file}:${spot.line}${sequence}${time}  ${kind}: ${text}`);
};

const count = (value: number, one: string): string => `${value} ${one}${value === 1 ? '' : 's'}`;

const proof = ({ witness, until, faults }: Verified): string => {
  if (faults > 0) return '';
  if (witness === 'nobody')
    return ' Nobody was asked who wrote them: a forger could have made them so. Leave out -offline, or give -checkpoints.';
  const cut = until === undefined ? '' : ` Only what came after ${until.taken} could be cut off unseen.`;
  if (witness === 'checkpoints' && until !== undefined)
    return ` Proven up to record ${until.sequence} of ${until.taken}; what came after it is not.`;
  return ` The store vouches for them.${cut}`;
};

const notJudged = ({ lanes }: Verified): string =>
  lanes === 0
    ? 'Nothing is proven: no line belongs to a chain, as those of an audit file do.'
    : 'Nothing is proven: none of the checkpoints is about these files.';

const judged = (verified: Verified): string => {
  const { faults, records, files, lanes } = verified;
  const what = `${count(records, 'record')} in ${count(files.length, 'file')} and ${count(lanes, 'lane')}`;
  return faults > 0 ? `NOT whole: ${count(faults, 'fault')}; ${what}.` : `Whole: ${what}.${proof(verified)}`;
};

export const verdictText = (verified: Verified): string => {
  const { findings, faults, notes } = verified;
  const rest = faults + notes > findings.length ? [`… only the first ${findingsLimit} are shown`] : [];
  const verdict = isJudged(verified) ? judged(verified) : notJudged(verified);
  return [...findings.map(line), ...rest, verdict].join('\n');
};

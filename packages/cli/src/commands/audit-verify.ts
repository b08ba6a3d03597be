/** `audit verify`, when it is asked for: files to findings, findings to words and an exit code. */
import { toJson } from '../audit/told.ts';
import { askStore, nobody, savedWitness, type Witness } from '../audit/witness.ts';
import { isJudged, Verification, type Verified } from '../audit/verify.ts';
import { verdictText } from '../audit/verdict.ts';
import { CofferError } from '@coffer/schema/errors.ts';
import { type Cx, exits } from '../cx.ts';

const witnessOf = async (cx: Cx): Promise<Witness> => {
  const saved = cx.flags.text('checkpoints');
  const isOffline = cx.flags.bool('offline');
  if (saved !== undefined && isOffline) throw new CofferError('usage', 'Say -checkpoints or -offline, not both');
  if (isOffline) return nobody;
  // Before the files are read: what is written meanwhile must not look as if it were missing.
  if (saved === undefined) return askStore(await cx.questions());
  const content = await cx.io.files.read(saved);
  if (content === undefined) throw new CofferError('usage', `${saved}: no such file`);
  return savedWitness(content, saved);
};

const exitOf = (verified: Verified): number => {
  if (verified.faults > 0) return exits.nothing;
  return isJudged(verified) ? exits.ok : exits.local;
};

export const verifyAudit = async (cx: Cx): Promise<number> => {
  const witness = await witnessOf(cx);
  const verified = await new Verification({
    io: await cx.io.loadAudit(),
    witness,
    isPart: cx.flags.bool('part'),
    progress: text => cx.io.err(text),
  }).files(cx.args);
  cx.result({ json: toJson(verified), table: () => verdictText(verified) });
  return exitOf(verified);
};

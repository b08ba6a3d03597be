/**
 * Operations that servers offer at one of two places: without a token where that is switched on, and with one elsewhere.
 * The first that the server knows is used.
 */
import { ServerError } from '@coffer/client/errors.ts';
import { CofferError } from '@coffer/schema/errors.ts';
import { objectIn } from '@coffer/client/members.ts';
import type { Answer } from '@coffer/client/answer.ts';
import type { JsonObject } from '@coffer/schema/json/value.ts';
import type { Cx } from '../cx.ts';

const isUnknown = (error: unknown): boolean =>
  error instanceof ServerError && (error.status === 404 || error.status === 405);

export interface Places {
  readonly open: string;
  readonly withToken: string;
  /** The key of a listener that offers the first place, when it is `false`. */
  readonly closedBy: string;
}

/** Answers the place, having asked for `<place>/<question>`. */
export const placeFor = async (
  cx: Cx,
  places: Places,
  question: string,
): Promise<{ readonly base: string; readonly status: JsonObject }> => {
  const questions = await cx.questions();
  try {
    const answer = await questions.request({ method: 'GET', path: `${places.open}/${question}` });
    return { base: places.open, status: factsOf(answer) };
  } catch (error) {
    if (!isUnknown(error)) throw error;
  }
  try {
    const answer = await questions.request({ method: 'GET', path: `${places.withToken}/${question}` });
    return { base: places.withToken, status: factsOf(answer) };
  } catch (error) {
    throw error instanceof CofferError && error.code === 'permission_denied' ? needsToken(error, places) : error;
  }
};

const needsToken = (cause: CofferError, { withToken, closedBy }: Places): CofferError => {
  const how = `a token with rights on ${withToken}/*, or a listener with ${closedBy} = false`;
  return new CofferError(cause.code, `${cause.message}\n\nBeside the keys this takes ${how}.`, { cause });
};

/** The members of an answer with or without an envelope. */
export const factsOf = (answer: Answer): JsonObject => objectIn(answer.body, 'data') ?? answer.body;

/** Nothing at a path is no failure: telling "nothing there" from refusals, and reading lists. */
import type { Answer } from './answer.ts';
import { ServerError } from './errors.ts';
import { textsIn } from './members.ts';

/** A 404 without a message says that nothing is there; one with an envelope says what was there. The rest is a refusal. */
export const absent = async (asked: Promise<Answer>): Promise<Answer | undefined> => {
  try {
    return await asked;
  } catch (error) {
    if (!(error instanceof ServerError) || error.status !== 404 || error.errors.length > 0) throw error;
    return error.answer.data === undefined && error.answer.warnings.length === 0 ? undefined : error.answer;
  }
};

/** The names of a list, none where there is nothing. */
export const namesOf = (answer: Answer | undefined): readonly string[] =>
  answer?.data === undefined ? [] : textsIn(answer.data, 'keys');

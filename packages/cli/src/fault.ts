/**
 * A fault of the command itself. Where it happened is told, its message is not: what was not foreseen may hold a value.
 */
import { errorFacts } from '@coffer/schema/errors.ts';

export const faultExit = errorFacts.internal.exit;

const frame = /^ {4}at /;

export const faultText = (fault: unknown): string => {
  const name = fault instanceof Error ? fault.name : typeof fault;
  const frames = fault instanceof Error ? (fault.stack ?? '').split('\n').filter(line => frame.test(line)) : [];
  return `This is a fault of coffer, not of what you did (${name}):\n${frames.map(line => `${line}\n`).join('')}`;
};

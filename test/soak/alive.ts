/**
 * What lives in this process, counted by the engine itself after it has collected what nobody holds: every object, also those
 * in private fields; and how much the maps and sets among them hold.
 */
import { queryObjects } from 'node:v8';

export interface Alive {
  readonly objects: number;
  readonly functions: number;
  /** Promises that are not settled: somebody waits for each, or has forgotten it. */
  readonly waiting: number;
  /** Entries of maps but those from text to text. */
  readonly maps: number;
  readonly sets: number;
  /** Entries of the largest map or set. */
  readonly largest: number;
}

/** `Map(12) { …`, as inspected without depth. */
const sized = /^[^{[]*\((\d+)\)/;

const sizes = (type: new () => unknown, counts: (text: string) => boolean = () => true): number[] =>
  queryObjects(type, { format: 'summary' })
    .filter(counts)
    .map(text => Number(sized.exec(text)?.[1] ?? 0));

/** From text to text: what was worked out once, kept up to a bound of its own. */
const isMemo = (text: string): boolean => /^Map\(\d+\) \{\s*'[^']*' => '/.test(text);

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

const waiting = (): number =>
  queryObjects(Promise, { format: 'summary' }).filter(text => text.includes('<pending>')).length;

/** Once before the figures that are compared: to look makes objects of its own. */
export const alive = (): Alive => {
  const [maps, sets] = [sizes(Map), sizes(Set)];
  return {
    objects: queryObjects(Object, { format: 'count' }),
    functions: queryObjects(Function, { format: 'count' }),
    waiting: waiting(),
    maps: sum(sizes(Map, text => !isMemo(text))),
    sets: sum(sets),
    largest: Math.max(...maps, ...sets),
  };
};

/**
 * Whose work a stack is: that of the innermost file of ours, so what the runtime does on somebody's behalf counts as theirs.
 * A row of the table for each part of the way of a request; the first that fits counts.
 */
import type { Stack } from './samples.ts';

interface Area {
  readonly name: string;
  readonly fits: RegExp;
}

/** Paths below `packages/`. */
const areas: readonly Area[] = [
  { name: 'HTTP: parsing, answers, sockets', fits: /^server\/src\/http\// },
  { name: 'audit records', fits: /^server\/src\/(?:core|platform)\/audit\/|request\/audit-stages/ },
  { name: 'policy and tokens', fits: /^server\/src\/core\/(?:policies|tokens|logins)\/|request\/(?:policy|token)/ },
  { name: 'barrier: sealing and opening records', fits: /^server\/src\/core\/barrier\/(?!cache)/ },
  { name: 'cache of records', fits: /^server\/src\/core\/barrier\/cache/ },
  { name: 'the engine', fits: /^server\/src\/engines\// },
  { name: 'commits to storage', fits: /^server\/src\/platform\/(?:sqlite|postgres|memory|storage)\// },
  { name: 'JSON, fields, rows', fits: /^schema\/src\// },
  { name: 'stages, routing and the rest', fits: /./ },
];

/** They work for who calls them. */
const tools = /^server\/src\/platform\/(?:crypto|random|clock)\//;

export const runtimeArea = 'the runtime itself';
export const collectorArea = 'garbage collection';
const idle: ReadonlySet<string> = new Set(['(idle)']);

/** Undefined where nothing was done. */
export const areaOf = ({ frames }: Stack): string | undefined => {
  const [first] = frames;
  if (first === undefined || idle.has(first.functionName)) return undefined;
  if (first.functionName === '(garbage collector)') return collectorArea;
  for (const { url } of frames) {
    const [, path] = /\/packages\/(.*)$/.exec(url) ?? [];
    if (path !== undefined && !tools.test(path)) return areas.find(({ fits }) => fits.test(path))?.name;
  }
  return runtimeArea;
};

/** Microseconds by area, the largest first. */
export const byArea = (stacks: readonly Stack[]): readonly (readonly [area: string, microseconds: number])[] => {
  const spent = new Map<string, number>();
  for (const stack of stacks) {
    const area = areaOf(stack);
    if (area !== undefined) spent.set(area, (spent.get(area) ?? 0) + stack.microseconds);
  }
  return [...spent].toSorted(([, one], [, other]) => other - one);
};

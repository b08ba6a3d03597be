/**
 * The rows of one mount as a tree of path segments: finds the row for a verb and a path, once, for every mount of that
 * engine. Precedence, segment by segment from the left: a literal beats a parameter, a parameter beats a catch-all; of
 * catch-alls at one place the one with the longer ending (as in `:path* / tune`) wins.
 */
import { parameterOf } from '@coffer/schema/derive/served.ts';
import type { Row, Verb } from '@coffer/schema/row.ts';
import { SegmentMap } from '../segment-map.ts';

export interface RowMatch {
  readonly row: Row<never>;
  readonly params: ReadonlyMap<string, string>;
}

interface Leaf {
  readonly byVerb: Map<Verb, RowEnd>;
}

interface RowEnd {
  readonly row: Row<never>;
  readonly names: readonly string[];
}

interface Node extends Leaf {
  readonly literals: SegmentMap<Node>;
  parameter: Node | undefined;
  /** Catch-alls here, by the literal ending behind them (`` for none), longest first. */
  readonly rests: Map<string, Leaf>;
}

const newNode = (): Node => ({
  literals: new SegmentMap(),
  parameter: undefined,
  rests: new Map(),
  byVerb: new Map(),
});

export class RowTable {
  readonly #root = newNode();
  readonly rows: readonly Row<never>[];

  constructor(rows: readonly Row<never>[]) {
    this.rows = rows;
    for (const row of rows) for (const path of [row.path, ...row.aliases]) this.#add(row, path);
  }

  #add(row: Row<never>, path: string): void {
    let node = this.#root;
    const names: string[] = [];
    const segments = path === '' ? [] : path.split('/');
    for (const [index, segment] of segments.entries()) {
      const parameter = parameterOf(segment);
      if (parameter === undefined) {
        node = literalOf(node, segment);
        continue;
      }
      if (parameter.optional) put(node, row, names);
      names.push(parameter.name);
      if (parameter.rest) {
        put(restOf(node, segments.slice(index + 1).join('/')), row, names);
        return;
      }
      node.parameter ??= newNode();
      node = node.parameter;
    }
    put(node, row, names);
  }

  /** The row for this verb, or which verbs the path knows (none: the path is unknown). */
  match(verb: Verb, path: string): RowMatch | readonly Verb[] {
    const search: Search = { verb, path, taken: [], known: undefined };
    return find(this.#root, search, path === '' ? ended : 0) ?? [...(search.known ?? [])];
  }

  /** The rows that answer at this path, one for each verb at most. */
  at(path: string): readonly Row<never>[] {
    return verbs.flatMap(verb => {
      const found = this.match(verb, path);
      return 'row' in found ? [found.row] : [];
    });
  }
}

const verbs: readonly Verb[] = ['read', 'list', 'scan', 'write', 'patch', 'delete'];

interface Search {
  readonly verb: Verb;
  readonly path: string;
  readonly taken: string[];
  /** Verbs that the path knows, where it does not know the one asked for. */
  known: Set<Verb> | undefined;
}

/** In place of where the next segment starts: there is none. */
const ended = -1;

const find = (node: Node, search: Search, from: number): RowMatch | undefined => {
  if (from === ended) return take(node, search);
  const { path, taken } = search;
  const slash = path.indexOf('/', from);
  const next = slash < 0 ? ended : slash + 1;
  const end = slash < 0 ? path.length : slash;
  const literal = node.literals.at(path, { from, end });
  const found = literal === undefined ? undefined : find(literal, search, next);
  if (found !== undefined) return found;
  if (node.parameter !== undefined) {
    taken.push(path.slice(from, end));
    const inside = find(node.parameter, search, next);
    if (inside !== undefined) return inside;
    taken.pop();
  }
  return node.rests.size === 0 ? undefined : findRest(node, search, path.slice(from));
};

const findRest = (node: Node, search: Search, left: string): RowMatch | undefined => {
  for (const [ending, leaf] of node.rests) {
    if (ending !== '' && !left.endsWith(`/${ending}`)) continue;
    search.taken.push(ending === '' ? left : left.slice(0, -ending.length - 1));
    const found = take(leaf, search);
    if (found !== undefined) return found;
    search.taken.pop();
  }
  return undefined;
};

const take = (leaf: Leaf, search: Search): RowMatch | undefined => {
  const end = leaf.byVerb.get(search.verb);
  if (end === undefined) {
    search.known ??= new Set();
    for (const verb of leaf.byVerb.keys()) search.known.add(verb);
    return undefined;
  }
  const params = new Map<string, string>();
  for (let index = 0; index < end.names.length; index++) params.set(end.names[index] ?? '', search.taken[index] ?? '');
  return { row: end.row, params };
};

const put = (leaf: Leaf, row: Row<never>, names: readonly string[]): void => {
  if (leaf.byVerb.has(row.verb)) throw new TypeError(`two rows for ${row.verb} ${row.path}`);
  leaf.byVerb.set(row.verb, { row, names: [...names] });
};

const literalOf = (node: Node, segment: string): Node => {
  const there = node.literals.get(segment);
  if (there !== undefined) return there;
  const made = newNode();
  node.literals.set(segment, made);
  return made;
};

const restOf = (node: Node, ending: string): Leaf => {
  const there = node.rests.get(ending);
  if (there !== undefined) return there;
  const made: Leaf = { byVerb: new Map() };
  const all = [...node.rests, [ending, made] as const].toSorted(([a], [b]) => b.length - a.length);
  node.rests.clear();
  for (const [key, leaf] of all) node.rests.set(key, leaf);
  return made;
};

/**
 * Finds the pattern that applies among all that are not exact. One node for each segment, so that a look-up costs the
 * segments of the path, not the number of policies; no node is visited twice.
 */
import { SegmentMap } from '../segment-map.ts';
import type { Rule } from './rule.ts';

/** Patterns that end in `*` inside a segment, by the text before it. */
interface Prefixes {
  /** Distinct lengths of the texts, longest first. */
  lengths: number[];
  readonly byText: Map<string, Rule>;
}

interface Node {
  readonly children: SegmentMap<Node>;
  plus: Node | undefined;
  /** A pattern that ends here. */
  here: Rule | undefined;
  prefixes: Prefixes | undefined;
}

const newNode = (): Node => ({
  children: new SegmentMap(),
  plus: undefined,
  here: undefined,
  prefixes: undefined,
});

const better = (a: Rule | undefined, b: Rule | undefined): Rule | undefined => {
  if (a === undefined || b === undefined) return a ?? b;
  return a.rank > b.rank ? a : b;
};

const descend = (node: Node, segment: string): Node => {
  if (segment === '+') return (node.plus ??= newNode());
  const known = node.children.get(segment);
  if (known !== undefined) return known;
  const made = newNode();
  node.children.set(segment, made);
  return made;
};

const addPrefix = (node: Node, text: string, rule: Rule): void => {
  const prefixes: Prefixes = node.prefixes ?? { lengths: [], byText: new Map() };
  node.prefixes = prefixes;
  prefixes.byText.set(text, rule);
  if (prefixes.lengths.includes(text.length)) return;
  prefixes.lengths = [...prefixes.lengths, text.length].toSorted((a, b) => b - a);
};

/** Longer texts have their `*` later and win. */
const longest = (prefixes: Prefixes, path: string, from: number): Rule | undefined => {
  for (const length of prefixes.lengths) {
    const rule = from + length <= path.length ? prefixes.byText.get(path.slice(from, from + length)) : undefined;
    if (rule !== undefined) return rule;
  }
  return undefined;
};

const search = (node: Node, path: string, from: number): Rule | undefined => {
  let best = node.prefixes === undefined ? undefined : longest(node.prefixes, path, from);
  const slash = path.indexOf('/', from);
  const child = node.children.at(path, { from, end: slash < 0 ? path.length : slash });
  if (child !== undefined) best = better(best, slash < 0 ? child.here : search(child, path, slash + 1));
  const { plus } = node;
  if (plus !== undefined) best = better(best, slash < 0 ? plus.here : search(plus, path, slash + 1));
  return best;
};

export class Trie {
  readonly #root = newNode();

  /** Ranks must be set before the first look-up. */
  add(rule: Rule): void {
    const { segments, isPrefix } = rule.pattern;
    const last = segments.length - 1;
    const whole = isPrefix ? segments.slice(0, last) : segments;
    const node = whole.reduce(descend, this.#root);
    if (isPrefix) addPrefix(node, segments[last] ?? '', rule);
    else node.here = rule;
  }

  /** The rule whose pattern applies to the path. */
  find(path: string): Rule | undefined {
    return search(this.#root, path, 0);
  }
}

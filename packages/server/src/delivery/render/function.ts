/** How functions of templates are declared: parameters by Go's types, checked before the function runs. */
import { type ItemType, Dict, Int, List, typeName, type Value } from './value.ts';
import type { Work } from './work.ts';

/** One parameter. `take` answers undefined where the value does not fit; nil fits what Go lets be nil. */
export interface Parameter<T> {
  readonly type: string;
  readonly take: (value: Value) => T | undefined;
}

export interface TemplateFunction {
  readonly parameters: readonly Parameter<unknown>[];
  /** For all arguments beyond the parameters; without it there may be none. */
  readonly rest?: Parameter<unknown>;
  /** The arguments have been taken by the parameters. Throws `TemplateFault`. */
  readonly run: (args: readonly never[], work: Work) => Value;
}

export type Functions = ReadonlyMap<string, TemplateFunction>;

type Taken<P extends readonly unknown[]> = { readonly [I in keyof P]: P[I] extends Parameter<infer T> ? T : never };

/** A function of a fixed number of arguments. */
export const fixed = <P extends readonly Parameter<unknown>[]>(
  parameters: readonly [...P],
  run: (args: Taken<P>, work: Work) => Value,
): TemplateFunction => ({ parameters, run: (args, work) => run(args as unknown as Taken<P>, work) });

/** A function of some arguments, given in `first`, and any number more. */
export const variadic = <P extends readonly Parameter<unknown>[], R>(
  [first, rest]: readonly [first: readonly [...P], rest: Parameter<R>],
  run: (args: Taken<P>, others: readonly R[], work: Work) => Value,
): TemplateFunction => ({
  parameters: first,
  rest,
  run: (args, work) => run(args.slice(0, first.length) as unknown as Taken<P>, args.slice(first.length), work),
});

export const any: Parameter<Value> = { type: 'interface {}', take: value => value };
export const string: Parameter<string> = {
  type: 'string',
  take: value => (typeof value === 'string' ? value : undefined),
};
export const bool: Parameter<boolean> = {
  type: 'bool',
  take: value => (typeof value === 'boolean' ? value : undefined),
};
/** A Go int, as a number: what is larger than 2^53 is far beyond every limit. */
export const int: Parameter<number> = {
  type: 'int',
  take: value => (value instanceof Int && value.kind === 'int' ? Number(value.value) : undefined),
};
export const float: Parameter<number> = {
  type: 'float64',
  take: value => (typeof value === 'number' ? value : undefined),
};

const dictOf = (of: ItemType): Parameter<Dict> => ({
  type: `map[string]${of}`,
  take: value => (value === null ? new Dict([], of) : value instanceof Dict && value.of === of ? value : undefined),
});
export const dict: Parameter<Dict> = dictOf('interface {}');

const listOf = (of: ItemType): Parameter<List> => ({
  type: `[]${of}`,
  take: value => (value === null ? new List([], of) : value instanceof List && value.of === of ? value : undefined),
});
export const list: Parameter<List> = listOf('interface {}');
export const strings: Parameter<List> = listOf('string');

export const misfit = (parameter: Parameter<unknown>, value: Value): string =>
  `must be ${parameter.type}, not ${value === null ? 'nil' : typeName(value)}`;

/** The tree of a template. Lines count from 1. */
import type { Value } from './value.ts';

/** A number as written may be both: `3.0` serves as int where a function wants one. */
export interface NumberLiteral {
  readonly kind: 'number';
  readonly value: Value;
  /** Undefined where it is not whole, or too large. */
  readonly whole: bigint | undefined;
  readonly float: number | undefined;
}

export type Operand =
  | { readonly kind: 'dot' }
  | { readonly kind: 'nil' }
  | { readonly kind: 'literal'; readonly value: string | boolean }
  | NumberLiteral
  | { readonly kind: 'field'; readonly names: readonly string[] }
  | { readonly kind: 'variable'; readonly name: string; readonly names: readonly string[] }
  | { readonly kind: 'function'; readonly name: string }
  | { readonly kind: 'chain'; readonly of: Operand; readonly names: readonly string[] }
  | { readonly kind: 'pipe'; readonly pipe: Pipe };

export type Command = readonly Operand[];

export interface Pipe {
  readonly line: number;
  readonly commands: readonly Command[];
  /** Variables that get its value; two of them only in `range`. */
  readonly variables: readonly string[];
  /** `=` instead of `:=`. */
  readonly assigns: boolean;
}

export type Nodes = readonly Node[];

export interface Branch {
  readonly kind: 'if' | 'with' | 'range';
  readonly line: number;
  readonly pipe: Pipe;
  readonly body: Nodes;
  readonly otherwise: Nodes;
}

export type Node =
  | { readonly kind: 'text'; readonly line: number; readonly text: string }
  | { readonly kind: 'action'; readonly line: number; readonly pipe: Pipe }
  | { readonly kind: 'template'; readonly line: number; readonly name: string; readonly pipe: Pipe | undefined }
  | { readonly kind: 'break' | 'continue'; readonly line: number }
  | Branch;

/** Name → its nodes; the template itself stands under its own name. */
export type Definitions = Map<string, Nodes>;

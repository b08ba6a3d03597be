/**
 * What an HCL or JSON document says, with the place of every key and value. Nothing is merged: the same key twice is two
 * items in the order of the text, and who reads decides what that means.
 */
import type { Place } from './error.ts';

export type HclValue = HclObject | HclList | HclText | HclNumber | HclBool;

export interface HclObject extends Place {
  readonly kind: 'object';
  readonly items: readonly HclItem[];
}

export interface HclList extends Place {
  readonly kind: 'list';
  readonly values: readonly HclValue[];
}

export interface HclText extends Place {
  readonly kind: 'text';
  readonly text: string;
}

export interface HclNumber extends Place {
  readonly kind: 'number';
  /** As written: `0x1F`, `017`, `1e3`. */
  readonly source: string;
  readonly integer: boolean;
}

export interface HclBool extends Place {
  readonly kind: 'bool';
  readonly value: boolean;
}

export interface HclKey extends Place {
  readonly text: string;
}

/** `key = value`, or `key "label" "label" { … }`. */
export interface HclItem extends Place {
  /** The key, then the labels of a block. Never empty. */
  readonly keys: readonly [HclKey, ...HclKey[]];
  /** Written with `=`, or a member of a JSON object. */
  readonly assigned: boolean;
  readonly value: HclValue;
}

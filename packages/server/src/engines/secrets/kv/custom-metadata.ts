/** Custom metadata: short texts by name that a caller keeps beside a key. Held within limits, and never secret. */
import { CofferError } from '@coffer/schema/errors.ts';
import { isPrintable } from '@coffer/schema/fields/kinds/scalar.ts';
import type { RawJson } from '@coffer/schema/json/raw.ts';

export const customLimits = { names: 64, nameBytes: 128, valueBytes: 512 } as const;

type Custom = ReadonlyMap<string, string>;

const utf8 = new TextEncoder();
const refuse = (reason: string): never => {
  throw new CofferError('invalid_request', `custom_metadata validation failed: ${reason}`);
};

const shownCharacters = 64;
const shown = (name: string): string => JSON.stringify(name.slice(0, shownCharacters));

const checkMember = (name: string, value: string): void => {
  const { nameBytes, valueBytes } = customLimits;
  const length = utf8.encode(name).length;
  if (length === 0 || length > nameBytes)
    refuse(`length of key ${shown(name)} is ${length} but must be from 1 to ${nameBytes} bytes`);
  if (!isPrintable(name)) refuse(`key ${shown(name)} contains unprintable characters`);
  const size = utf8.encode(value).length;
  if (size === 0 || size > valueBytes)
    refuse(`length of value for key ${shown(name)} is ${size} but must be from 1 to ${valueBytes} bytes`);
  if (!isPrintable(value)) refuse(`value for key ${shown(name)} contains unprintable characters`);
};

const checkAll = (custom: Custom): Custom => {
  if (custom.size > customLimits.names)
    refuse(`payload must contain at most ${customLimits.names} keys, provided ${custom.size}`);
  for (const [name, value] of custom) checkMember(name, value);
  return custom;
};

const textOf = (name: string, value: RawJson): string => {
  const text = value.type === 'string' ? value.value() : undefined;
  return typeof text === 'string' ? text : refuse(`value for key ${shown(name)} is not a text`);
};

const membersOf = (given: RawJson): ReadonlyMap<string, RawJson> =>
  given.type === 'object' ? given.members() : refuse('expected an object of texts');

/** In place of what was there. */
export const readCustom = (given: RawJson): Custom =>
  checkAll(new Map([...membersOf(given)].map(([name, value]) => [name, textOf(name, value)])));

/** Merged into what is there; `null` removes a name, and as a whole everything. */
export const patchCustom = (before: Custom, given: RawJson): Custom => {
  if (given.type === 'null') return new Map();
  const merged = new Map(before);
  for (const [name, value] of membersOf(given)) {
    if (value.type === 'null') merged.delete(name);
    else merged.set(name, textOf(name, value));
  }
  return checkAll(merged);
};

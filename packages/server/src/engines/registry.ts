/** Every engine there is, one line each, and which of them a mount of some type and options gets. */
import type { Engine } from '../contracts/engine.ts';
import { kubernetesAuth } from './auth/kubernetes/engine.ts';
import { cubbyhole } from './secrets/cubbyhole/engine.ts';
import { kvV1 } from './secrets/kv/v1.ts';
import { kvV2 } from './secrets/kv/v2.ts';

export const engines: readonly Engine[] = [kubernetesAuth, cubbyhole, kvV1, kvV2];

interface Wanted {
  readonly type: string;
  /** Of the options; what the name itself says wins. */
  readonly value?: string;
}

/** Names that stand for a type with an option. */
const aliases: ReadonlyMap<string, Wanted> = new Map([
  ['kv-v1', { type: 'kv', value: '1' }],
  ['kv-v2', { type: 'kv', value: '2' }],
  ['generic', { type: 'kv', value: '1' }],
]);
/** Where a mount does not say. */
const defaultValue = '1';

/** `undefined` for a type this server does not have, or an option's value that no variant has. */
export const resolveEngine = (type: string, options: ReadonlyMap<string, string>): Engine | undefined => {
  const wanted = aliases.get(type) ?? { type };
  return engines.find(({ type: ours, variant }) => {
    if (ours !== wanted.type) return false;
    if (variant === undefined) return true;
    return variant.value === (wanted.value ?? options.get(variant.option) ?? defaultValue);
  });
};

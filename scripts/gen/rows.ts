/** Every row of the product with its place: the input of all that is generated. */
import type { ServedRows } from '@coffer/schema/derive/served.ts';
import { genericMount } from '@coffer/schema/derive/openapi.ts';
import type { Engine } from '@coffer/server/contracts/engine.ts';
import { systemRows } from '@coffer/server/core/system/rows.ts';
import { tokenRows } from '@coffer/server/core/tokens/rows.ts';
import { engines } from '@coffer/server/engines/registry.ts';

export interface Described extends ServedRows {
  readonly title: string;
  readonly summary: string;
  /** Where the list of the peer's paths has this engine. */
  readonly peerMount: string;
  readonly events?: NonNullable<Engine['events']>;
}

/** Engines that stand at one place in every store. */
const fixedMounts: ReadonlyMap<string, string> = new Map([['cubbyhole', 'cubbyhole/']]);

/** `kv-v2`: the type, and the version where there are several. */
const nameOf = ({ type, variant }: Engine): string => (variant === undefined ? type : `${type}-v${variant.value}`);

const describe = (engine: Engine): Described => {
  const name = nameOf(engine);
  const area = engine.kind === 'auth' ? 'auth/' : '';
  const mountPath = fixedMounts.get(name) ?? `${area}${genericMount(name)}`;
  return {
    mountPath,
    peerMount: `${area}${name}/`,
    engineType: name,
    title: name,
    summary: engine.summary,
    rows: engine.rows,
    ...(engine.events === undefined ? {} : { events: engine.events }),
  };
};

export const described: readonly Described[] = [
  {
    mountPath: 'sys/',
    peerMount: 'sys/',
    engineType: 'sys',
    title: 'sys',
    summary: 'The store itself: seal, mounts, policies, audit, keys',
    rows: systemRows,
  },
  {
    mountPath: 'auth/token/',
    peerMount: 'auth/token/',
    engineType: 'token',
    title: 'auth/token',
    summary: 'Tokens: made, looked up, renewed, revoked',
    rows: tokenRows,
  },
  ...engines.map(describe),
];

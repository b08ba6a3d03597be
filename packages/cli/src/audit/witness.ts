/**
 * Who can tell how far the lanes had come, and whether the ends of writes were made by the store: the store itself, or a copy
 * of its answer that was kept, which knows the first only.
 */
import type { Coffer } from '@coffer/client/client.ts';
import { parseJson } from '@coffer/client/json.ts';
import { isObject, numberIn, textIn } from '@coffer/client/members.ts';
import { CofferError } from '@coffer/schema/errors.ts';
import type { Json, JsonObject } from '@coffer/schema/json/value.ts';
import type { Reached } from './mark.ts';
import type { WriteEnd } from './walk.ts';

/** How far a lane had come. */
export interface KnownLane extends Reached {
  readonly lane: string;
  readonly device: string;
  readonly key: number;
  readonly taken: string;
}

export interface Witness {
  readonly kind: 'store' | 'checkpoints' | 'nobody';
  /** '' where it is not known. */
  readonly store: string;
  readonly lanes: ReadonlyMap<string, KnownLane>;
  /** Whether the store made each of them; undefined where that cannot be asked. */
  readonly check:
    | ((ends: readonly WriteEnd[], keyOf: (lane: string) => number) => Promise<readonly boolean[]>)
    | undefined;
}

export const nobody: Witness = { kind: 'nobody', store: '', lanes: new Map(), check: undefined };

const laneOf = (one: Json): KnownLane | undefined => {
  if (!isObject(one)) return undefined;
  const [lane, hash] = [textIn(one, 'lane'), textIn(one, 'hash')];
  if (lane === '' || hash === '') return undefined;
  const numbers = { key: numberIn(one, 'key'), sequence: numberIn(one, 'sequence') };
  return { lane, hash, device: textIn(one, 'device'), taken: textIn(one, 'taken'), ...numbers };
};

const lanesOf = (data: JsonObject): ReadonlyMap<string, KnownLane> => {
  const lanes = data.get('lanes');
  const known = Array.isArray(lanes) ? lanes.map((one: Json) => laneOf(one)) : [];
  return new Map(known.flatMap(one => (one === undefined ? [] : [[one.lane, one] as const])));
};

export const askStore = async (client: Coffer): Promise<Witness> => {
  const data = (await client.request({ method: 'GET', path: 'sys/audit-chain' })).data ?? new Map<string, Json>();
  return {
    kind: 'store',
    store: textIn(data, 'store'),
    lanes: lanesOf(data),
    check: async (ends, keyOf) => {
      const links = ends.map(({ lane, sequence, hash, mac }) => `${lane} ${keyOf(lane)} ${sequence} ${hash} ${mac}`);
      const answer = await client.request({ method: 'PUT', path: 'sys/audit-chain/check', body: { links } });
      const made = answer.data?.get('made');
      if (!Array.isArray(made) || made.length !== ends.length)
        throw new CofferError('internal', 'the server did not say which ends of writes it made');
      return made.map(one => one === true);
    },
  };
};

/** `content`: the answer of `sys/audit-chain`, as `coffer read -format=json` prints it. */
export const savedWitness = (content: Uint8Array, file: string): Witness => {
  const wrong = (cause?: unknown): CofferError =>
    new CofferError('usage', `${file}: expected what "coffer read -format=json sys/audit-chain" prints`, { cause });
  try {
    const answer = parseJson(content);
    const data = isObject(answer) ? answer.get('data') : undefined;
    if (!isObject(data) || !Array.isArray(data.get('lanes'))) throw wrong();
    return { kind: 'checkpoints', store: textIn(data, 'store'), lanes: lanesOf(data), check: undefined };
  } catch (error) {
    throw error instanceof CofferError && error.code === 'usage' ? error : wrong(error);
  }
};

/** A subscriber of the core in memory: the pieces of its stream as they come. */
import assert from 'node:assert/strict';
import type { SocketMessage } from '../../../packages/schema/src/row.ts';
import type { WireAnswer } from '../../../packages/server/src/contracts/wire.ts';
import { pipeline } from '../../../packages/server/src/core/request/pipeline.ts';
import { noteCall } from '../../coverage/observe.ts';
import type { Bed } from '../bed.ts';

export interface Sent {
  readonly id: string;
  readonly event: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- events are looked into freely by tests
  readonly data: any;
}

export const sentOf = (text: string): Sent => {
  const fields = new Map(
    text
      .trim()
      .split('\n')
      .map(line => line.split(/: (.*)/s) as [string, string]),
  );
  const data = fields.get('data');
  return {
    id: fields.get('id') ?? '',
    event: fields.get('event') ?? '',
    data: data === undefined ? undefined : JSON.parse(data),
  };
};

export class Follower {
  readonly answer: WireAnswer;
  readonly #pieces: AsyncIterator<Uint8Array>;

  constructor(answer: WireAnswer) {
    assert.ok(answer.body !== undefined && !(answer.body instanceof Uint8Array), 'the answer is a stream');
    this.answer = answer;
    this.#pieces = answer.body[Symbol.asyncIterator]();
  }

  async piece(): Promise<Sent | undefined> {
    const step = await this.#pieces.next();
    return step.done === true ? undefined : sentOf(new TextDecoder().decode(step.value));
  }

  /** The next event, signs of life passed over; undefined at the end. */
  async next(): Promise<Sent | undefined> {
    for (;;) {
      const sent = await this.piece();
      if (sent === undefined || sent.data !== undefined) return sent;
    }
  }

  /** Types and paths of so many events. */
  async take(count: number): Promise<string[]> {
    const taken: string[] = [];
    while (taken.length < count) {
      const { data } = (await this.next()) ?? {};
      taken.push(`${data.data.event_type} ${data.data.event.metadata.path}`);
    }
    return taken;
  }

  async leave(): Promise<void> {
    await this.#pieces.return?.();
  }
}

export interface FollowAsk {
  readonly token?: string;
  readonly headers?: { readonly [name: string]: string };
  readonly upgrades?: boolean;
}

export const askStream = async (bed: Bed, target: string, ask: FollowAsk = {}): Promise<WireAnswer> => {
  const headers = new Map(Object.entries({ 'x-vault-token': ask.token ?? bed.rootToken, ...ask.headers }));
  const rawTarget = `/v1/sys/events/subscribe${target === '' ? '' : '/'}${target}`;
  const answer = await pipeline(bed.core)({
    method: 'GET',
    rawTarget,
    headers,
    peer: { address: '127.0.0.1', port: 1234, secure: false },
    upgrades: ask.upgrades === true,
    pieces: async function* () {},
    body: () => new Uint8Array(),
  });
  noteCall({ method: 'GET', target: rawTarget, status: answer.status });
  return answer;
};

/** Follows from its first moment: what happens after this is told. */
export const follow = async (bed: Bed, target: string, ask: FollowAsk = {}): Promise<Follower> => {
  const answer = await askStream(bed, target, ask);
  const follower = new Follower(answer);
  const first = await follower.piece();
  assert.equal(first?.event, '', JSON.stringify(first));
  return follower;
};

export const textOf = (answer: WireAnswer): string =>
  answer.body instanceof Uint8Array ? new TextDecoder().decode(answer.body) : '';

export const socketOf = (answer: WireAnswer): AsyncIterator<SocketMessage> => {
  assert.equal(answer.status, 101);
  assert.ok(answer.messages);
  return answer.messages[Symbol.asyncIterator]();
};

/** A token with one policy of this text. */
export const tokenWith = async (bed: Bed, policy: string, more: object = {}): Promise<string> => {
  const name = `p${Math.random().toString(36).slice(2)}`;
  assert.equal((await bed.root('PUT', `sys/policies/acl/${name}`, { policy })).status, 204);
  const made = await bed.root('POST', 'auth/token/create', { policies: [name], no_default_policy: true, ...more });
  return made.json.auth.client_token;
};

export const put = async (bed: Bed, path: string): Promise<void> => {
  assert.equal((await bed.root('POST', `secret/data/${path}`, { data: { password: 'canary' } })).status, 200);
};

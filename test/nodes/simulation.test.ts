/**
 * Nodes whose ways to the storage fail at random, asked all the time: none ever answers what was overwritten, or lets in a
 * token that was revoked, more than a second before. The seed stands in the name of the test.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Cluster, type Node, openCluster } from './bed.ts';

const staleLimitMs = 1_000;
const steps = 250;
const stepMs = 50;

class Dice {
  #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
  }

  below(limit: number): number {
    this.#seed = (Math.imul(this.#seed, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#seed / 2 ** 32) * limit);
  }
}

class Run {
  readonly #cluster: Cluster;
  readonly #dice: Dice;
  readonly #asked: Promise<unknown>[] = [];
  /** When each value was acknowledged, by value. */
  readonly #writtenAtMs: number[] = [];
  /** When each token was revoked, by its text; undefined while it is alive. */
  readonly #tokens = new Map<string, number | undefined>();
  #isWriting = false;
  served = 0;
  refused = 0;

  constructor(cluster: Cluster, seed: number) {
    this.#cluster = cluster;
    this.#dice = new Dice(seed);
  }

  get #nowMs(): number {
    return this.#cluster.clock.nowMs;
  }

  #node(): Node {
    return this.#cluster.nodes[this.#dice.below(3)] ?? assert.fail();
  }

  #ask(asked: Promise<unknown>): void {
    // What it finds is told at the end.
    asked.catch(() => undefined);
    this.#asked.push(asked);
  }

  /** Through one node that is never in trouble, one after the other: which is the last is certain. */
  async #write(): Promise<void> {
    if (this.#isWriting) return;
    this.#isWriting = true;
    const value = this.#writtenAtMs.length;
    const told = await this.#cluster.nodes[0].root('POST', 'kept/app', { value });
    assert.equal(told.status, 204);
    this.#writtenAtMs.push(this.#nowMs);
    this.#isWriting = false;
  }

  async #read(): Promise<void> {
    const told = await this.#node().root('GET', 'kept/app');
    if (told.status !== 200) return void this.refused++;
    this.served++;
    const found: number = told.json.data.value;
    const least = this.#writtenAtMs.findLastIndex(atMs => atMs < this.#nowMs - staleLimitMs);
    assert.ok(found >= least, `${found} was served more than a second after ${least}`);
  }

  async #makeToken(): Promise<void> {
    const told = await this.#cluster.nodes[0].root('POST', 'auth/token/create', { policies: ['default'] });
    if (told.status === 200) this.#tokens.set(told.json.auth.client_token, undefined);
  }

  async #revoke(): Promise<void> {
    const [token] = [...this.#tokens].find(([, atMs]) => atMs === undefined) ?? [];
    if (token === undefined) return;
    const told = await this.#cluster.nodes[0].root('POST', 'auth/token/revoke', { token });
    if (told.status === 204) this.#tokens.set(token, this.#nowMs);
  }

  async #use(): Promise<void> {
    const token = [...this.#tokens.keys()].at(-1 - this.#dice.below(2));
    if (token === undefined) return;
    const told = await this.#node().ask('GET', 'auth/token/lookup-self', { token });
    const atMs = this.#tokens.get(token);
    if (told.status === 200 && atMs !== undefined)
      assert.ok(this.#nowMs < atMs + staleLimitMs, `let in ${this.#nowMs - atMs} ms after it was revoked`);
  }

  #trouble(): void {
    const { way, clock } = this.#cluster.nodes[1 + this.#dice.below(2)] ?? assert.fail();
    const kind = this.#dice.below(10);
    if (kind < 3) way.isDeaf = true;
    else if (kind === 3) way.asksFail = true;
    else if (kind === 4) way.isCut = true;
    else if (kind === 5) way.lagTurns = this.#dice.below(60);
    else if (kind === 6) clock.jump(this.#dice.below(4_000) - 2_000);
    else {
      way.asksFail = false;
      way.hear();
    }
  }

  async run(): Promise<void> {
    const acts = [() => this.#write(), () => this.#read(), () => this.#read(), () => this.#use(), () => this.#use()];
    for (let step = 0; step < steps; step++) {
      if (step % 24 === 0) this.#ask(this.#makeToken());
      if (step % 24 === 16) this.#ask(this.#revoke());
      if (this.#dice.below(12) === 0) this.#trouble();
      for (let act = 0; act < 3; act++) this.#ask(acts[this.#dice.below(acts.length)]?.() ?? Promise.resolve());
      await this.#cluster.advance(stepMs);
    }
    for (const { way } of this.#cluster.nodes) {
      way.asksFail = false;
      way.hear();
    }
    await this.#cluster.turning(Promise.all(this.#asked));
  }
}

for (let seed = 1; seed <= 4; seed++)
  test(`nothing older than a second is served, whatever fails, seed ${seed}`, async t => {
    const cluster = await openCluster();
    await cluster.nodes[0].root('POST', 'sys/mounts/kept', { type: 'kv' });
    await cluster.nodes[0].root('POST', 'kept/app', { value: -1 });
    await cluster.advance(1_000);
    const run = new Run(cluster, seed);
    await run.run();
    t.diagnostic(`${run.served} reads served, ${run.refused} refused`);
    assert.ok(run.served > 50 && run.refused > 0);
    await cluster.close();
  });

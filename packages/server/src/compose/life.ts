/**
 * What happens when the store opens and when it closes: everything that reads its records is loaded before the first
 * request, everything made of them is forgotten at the seal.
 */
import type { Clock } from '../contracts/clock.ts';
import type { Log } from '../contracts/log.ts';
import { endings } from '../core/events/endings.ts';
import type { Fronts } from '../core/fronts/fronts.ts';
import type { InStep } from '../core/fronts/in-step.ts';
import { endings as monitorEndings } from '../core/monitor/monitor.ts';
import { newMountRecord } from '../core/mounts/new-record.ts';
import type { Core } from '../core/request/core.ts';
import { wireVersion } from '../core/system/version.ts';
import type { TokenAccessors } from '../core/tokens/accessors.ts';
import type { BatchTokens } from '../core/tokens/batch.ts';
import type { Revocation } from '../core/tokens/revocation.ts';
import { makeRootToken } from '../core/tokens/root.ts';

export interface LifeParts {
  readonly accessors: TokenAccessors;
  readonly batch: BatchTokens;
  /** Of what ends by time, and of what a crash left. */
  readonly expiry: Pick<Revocation, 'resume' | 'expire'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly core: () => Core;
  readonly fronts: Fronts | undefined;
  /** Of a thread that only reads. */
  readonly inStep: InStep | undefined;
}

const expiryEveryMs = 1000;
/** Another node may have ended in the middle of it. */
const resumeEveryMs = 60_000;

export class CoreLife {
  readonly #parts: LifeParts;
  #stopExpiry: () => void = () => {};
  /** What a crash left of revocations is worked off: those tokens are dead already, so nobody waits for it. */
  #resumedAtMs = -Infinity;

  constructor(parts: LifeParts) {
    this.#parts = parts;
  }

  /** The store is empty: what every store has, and its first root token. */
  async fill(rootTokenId: string | undefined): Promise<string> {
    const { accessors, batch, core: getCore } = this.#parts;
    const core = getCore();
    await accessors.load();
    await batch.load();
    await core.policies.install();
    await this.#mountCubbyhole(core);
    return (await makeRootToken(core.tokens, core.random, rootTokenId)).text;
  }

  /** The barrier is open: load all, in the order in which one needs the other. */
  async opened(): Promise<void> {
    const { accessors, batch, inStep, core: getCore } = this.#parts;
    const core = getCore();
    inStep?.begin();
    await core.nodes.begin();
    // Nothing is read before it is known which records are the newest; several nodes have to be current first.
    const isAlone = inStep === undefined && !core.nodes.areMany;
    if (isAlone) await core.anchor.open();
    await accessors.load();
    await batch.load();
    await core.auditDevices.load();
    await core.auditHeaders.load();
    await core.mounts.load();
    await core.cors.load();
    core.clockWatch.vouch();
    inStep?.start();
    if (inStep !== undefined) return;
    await core.nodes.start();
    if (!isAlone) await core.anchor.open();
    if (!core.anchor.isDoubted) await this.begin();
  }

  /** What the store does by itself once it is open. Not before it is known to be as new as it was, or accepted as it is. */
  async begin(): Promise<void> {
    const core = this.#parts.core();
    await this.#noteVersion(core);
    this.#resumedAtMs = -Infinity;
    this.#expireSoon(core);
    const { sharedLedger: ledger } = core.anchor;
    await this.#parts.fronts?.opened({ rootKey: core.barrier.copyOfRootKey(), ledger });
  }

  /** A store that cannot take the note opens all the same: the next opening makes it. */
  async #noteVersion(core: Core): Promise<void> {
    try {
      await core.versions.note(wireVersion);
    } catch (cause) {
      this.#parts.log.write('warn', 'the version could not be put into the history of versions', {
        error: cause instanceof Error ? cause.message : 'unknown',
      });
    }
  }

  /** The barrier is closed. */
  async closed(): Promise<void> {
    const { accessors, batch, fronts, inStep, core: getCore } = this.#parts;
    const core = getCore();
    this.#stopExpiry();
    inStep?.stop();
    const frontsClosed = fronts?.closed();
    core.anchor.close();
    core.nodes.stop();
    core.slow.endAll();
    core.events.endAll(endings.sealed);
    core.monitors.endAll(monitorEndings.sealed);
    core.mounts.unload();
    core.policies.unload();
    core.cors.unload();
    core.auditHeaders.unload();
    accessors.unload();
    batch.unload();
    core.wrapping.unload();
    core.usage.unload();
    await frontsClosed;
    await core.auditDevices.unload();
  }

  async #mountCubbyhole(core: Core): Promise<void> {
    await core.mounts.add(
      newMountRecord(core.random, {
        class: 'secret',
        path: 'cubbyhole/',
        type: 'cubbyhole',
        description: 'per-token private secret storage',
        local: true,
      }),
    );
  }

  #expireSoon(core: Core): void {
    this.#stopExpiry = this.#parts.clock.after(expiryEveryMs, () => {
      void this.#expire(core).finally(() => {
        if (!core.seal.sealed) this.#expireSoon(core);
      });
    });
  }

  #isToResume({ clock, nodes }: Core): boolean {
    return this.#resumedAtMs === -Infinity || (nodes.areMany && clock.monotonic() - this.#resumedAtMs >= resumeEveryMs);
  }

  /** Works off all that is due, in steps, unless the clock is in doubt; a failure is logged and tried again at the next tick. */
  async #expire(core: Core): Promise<void> {
    const { expiry } = this.#parts;
    try {
      if (core.seal.sealed || !core.nodes.leads) return;
      if (this.#isToResume(core)) {
        await expiry.resume();
        this.#resumedAtMs = core.clock.monotonic();
      }
      if (!core.seal.sealed) {
        // Engines may be slow: tokens do not wait for them.
        core.leases.worker.soon();
        void core.mounts.retryRemovals();
      }
      if (!core.seal.sealed && core.clockWatch.trusted()) await expiry.expire(core.tokens.nowSeconds());
    } catch (cause) {
      this.#parts.log.write('warn', 'expired tokens could not be revoked; trying again', {
        error: cause instanceof Error ? cause.message : 'unknown',
      });
    }
  }
}

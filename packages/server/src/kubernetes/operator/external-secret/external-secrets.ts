/**
 * The controller of ExternalSecrets: gather, decide, act, and the status. It reads from caches and from the stores; the
 * API server gets at most two writes for each object, the Secret and the status, and none where nothing is new.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Clock } from '../../../contracts/clock.ts';
import type { Kube, KubeObject } from '../../../contracts/kube.ts';
import { isConflict, isNotFound } from '../../../platform/kube/error.ts';
import type { ExternalSecretSpec } from '../../api/external-secret.ts';
import { resources } from '../../api/resources.ts';
import type { Known } from '../known.ts';
import { createdBy } from '../names.ts';
import type { Next } from '../queue/work-queue.ts';
import { type Acted, perform } from './act.ts';
import { decide, decideEarly, type EarlyView, failed, finalizersLeft, type View } from './decide.ts';
import type { Target } from './desired.ts';
import { fetchAll, type Opener } from './fetch.ts';
import { isMend } from './due.ts';
import type { Mends } from './mends.ts';
import type { Renderer } from './render.ts';
import { type SeenExternalSecret, storeRefs, wantedOf } from './seen-external-secret.ts';
import { dataOf, seenSecret } from './seen-secret.ts';
import { priorStatus, statusChange } from './status.ts';
import { type StoreStates, storesView } from './stores-view.ts';
import type { Told } from './told.ts';
import type { ToldEvent, Verdict } from './verdict.ts';
import { isMerging, type Wanted } from './wanted.ts';

export interface ExternalSecretsParts {
  readonly kube: Kube;
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
  readonly known: Known;
  readonly stores: StoreStates & Opener;
  readonly told: Told;
  readonly mends: Mends;
  readonly renderer: Renderer;
  readonly record: (object: KubeObject, event: ToldEvent) => void;
  /** For who counts. */
  readonly settled: (key: string, status: 'True' | 'False', tookMs: number) => void;
}

/** How often a Secret that others change meanwhile is looked at again before it has to wait its turn. */
const roundsLimit = 3;

interface Subject {
  readonly key: string;
  readonly seen: SeenExternalSecret;
  readonly spec: ExternalSecretSpec;
  readonly wanted: Wanted;
  readonly startedMs: number;
}

type Settling = Pick<Subject, 'key' | 'seen' | 'startedMs'>;

export class ExternalSecrets {
  readonly #parts: ExternalSecretsParts;

  constructor(parts: ExternalSecretsParts) {
    this.#parts = parts;
  }

  /** `key` is `namespace/name`. */
  async work(key: string): Promise<Next> {
    const seen = this.#parts.known.externalSecrets.get(key);
    if (seen === undefined) return 'done';
    if (seen.object.metadata.deletionTimestamp !== undefined) return this.#release(seen);
    if (!('spec' in seen.read)) return this.#refuse(key, seen, seen.read.problem);
    if (seen.read.unsupported.length > 0) return this.#refuse(key, seen, notSupported(seen.read.unsupported));
    const { spec } = seen.read;
    return this.#reconcile({ key, seen, spec, wanted: wantedOf(seen, spec), startedMs: this.#parts.clock.monotonic() });
  }

  async #reconcile(subject: Subject): Promise<Next> {
    const early = this.#gather(subject);
    const verdict = decideEarly(early);
    if (verdict !== undefined) return this.#settle(subject, verdict);
    const { told } = this.#parts;
    told.clear(subject.key);
    try {
      return await this.#sync(subject, early);
    } catch (cause) {
      // Neither the Secret nor the status may say yet what was told: it counts on.
      told.add(subject.key);
      throw cause;
    }
  }

  async #sync(subject: Subject, early: EarlyView): Promise<Next> {
    const { key, spec, wanted, seen } = subject;
    const { stores, renderer } = this.#parts;
    const fetched = await fetchAll({ key, namespace: wanted.namespace, spec, stores });
    const data = fetched.kind === 'data' ? fetched.data : new Map<string, Uint8Array>();
    const render = renderer.render(seen, data);
    return this.#write(subject, { ...early, fetched, render, target: await this.#target(early) });
  }

  #gather({ key, seen, wanted }: Subject): EarlyView {
    const { known, stores, told, clock, mends } = this.#parts;
    const nowMs = clock.now();
    return {
      nowMs,
      wanted,
      prior: priorStatus(seen.object),
      current: known.secrets.get(`${wanted.namespace}/${wanted.target}`),
      isTold: told.has(key),
      isContested: mends.isSpent(key, nowMs),
      stores: storesView(stores, storeRefs(seen), wanted.namespace),
    };
  }

  /** Where others' values are to be kept they have to be read; otherwise what is cached will do. */
  async #target({ wanted, current }: EarlyView): Promise<Target | undefined> {
    if (isMerging(wanted)) return this.#readTarget(wanted);
    return current === undefined ? undefined : { seen: current };
  }

  async #readTarget({ namespace, target }: Wanted): Promise<Target | undefined> {
    const secret = await this.#parts.kube.get(resources.secret, { namespace, name: target });
    return secret === undefined ? undefined : { seen: seenSecret(secret), data: dataOf(secret) };
  }

  /** Decides and acts until the Secret is as it was thought to be. */
  async #write(subject: Subject, view: View): Promise<Next> {
    let now = view;
    for (let round = 0; round < roundsLimit; round++) {
      const verdict = decide(now);
      const acted = await this.#perform(subject, verdict);
      if ('refused' in acted) return this.#settle(subject, failed(now, acted.refused, { retry: true }));
      if (acted.kind !== 'overtaken') {
        this.#remember(acted, verdict);
        if (acted.kind === 'written' && isMend(view)) this.#parts.mends.took(subject.key, view.nowMs);
        await this.#removeOrphans(subject, verdict);
        return this.#settle(subject, verdict);
      }
      now = { ...now, target: await this.#readTarget(subject.wanted) };
    }
    this.#parts.told.add(subject.key);
    return 'failed';
  }

  async #perform({ wanted }: Subject, { act }: Verdict): Promise<Acted | { readonly refused: string }> {
    try {
      return await perform(this.#parts.kube, wanted, act);
    } catch (cause) {
      if (cause instanceof CofferError) return { refused: `could not update secret: ${cause.publicMessage}` };
      throw cause;
    }
  }

  #remember(acted: Acted, { act }: Verdict): void {
    const { known } = this.#parts;
    if (acted.kind === 'written') {
      const seen = seenSecret(acted.secret);
      known.putSecret(`${seen.namespace}/${seen.name}`, seen, 'answer');
    }
    if (acted.kind === 'deleted' && act.do === 'delete') {
      known.dropSecret(`${act.seen.namespace}/${act.seen.name}`, act.seen.resourceVersion);
    }
  }

  /** Secrets it made under another name, once the one under the present name is there. */
  async #removeOrphans({ wanted }: Subject, { outcome }: Verdict): Promise<void> {
    if (wanted.creationPolicy !== 'Owner' || outcome?.reason !== 'SecretSynced') return;
    const { known, kube } = this.#parts;
    for (const key of known.madeBy(createdBy(wanted.namespace, wanted.name))) {
      const secret = known.secrets.get(key);
      if (secret === undefined || secret.namespace !== wanted.namespace || secret.name === wanted.target) continue;
      if (!secret.owners.some(({ uid }) => uid === wanted.uid)) continue;
      const { namespace, name, uid } = secret;
      await kube.remove(resources.secret, { namespace, name }, { uid });
    }
  }

  #refuse(key: string, seen: SeenExternalSecret, text: string): Promise<Next> {
    const view = { prior: priorStatus(seen.object), nowMs: this.#parts.clock.now() };
    return this.#settle({ key, seen, startedMs: this.#parts.clock.monotonic() }, failed(view, text, { retry: false }));
  }

  /** The status, where it says anything new, and the events. */
  async #settle({ key, seen, startedMs }: Settling, verdict: Verdict): Promise<Next> {
    const change = statusChange(seen, verdict, this.#parts.clock.now());
    if (change !== undefined) {
      const isStill = await this.#patchStatus(key, seen, change);
      if (!isStill) return 'done';
    }
    const { clock, settled } = this.#parts;
    if (verdict.outcome !== undefined) settled(key, verdict.outcome.status, clock.monotonic() - startedMs);
    for (const event of verdict.events) this.#parts.record(seen.object, event);
    return change === undefined && verdict.isRefreshed ? this.#nextAsBefore(seen, verdict) : verdict.next;
  }

  /** Where nothing was new, the interval runs on from the last time that it was. */
  #nextAsBefore({ object }: SeenExternalSecret, { next }: Verdict): Next {
    const { refreshedAtMs } = priorStatus(object);
    if (typeof next !== 'object' || refreshedAtMs === undefined) return next;
    const sinceMs = Math.max(0, this.#parts.clock.now() - refreshedAtMs);
    return { afterMs: sinceMs < next.afterMs ? next.afterMs - sinceMs : next.afterMs };
  }

  /** False: it is no more. */
  async #patchStatus(key: string, { object }: SeenExternalSecret, status: unknown): Promise<boolean> {
    const { kube, known } = this.#parts;
    const { namespace, name } = object.metadata;
    const patch = { patch: { status }, subresource: 'status' } as const;
    try {
      const answer = await kube.mergePatch(resources.externalSecret, { namespace, name }, patch);
      known.putExternalSecret(key, known.seeExternalSecret(answer), 'answer');
      return true;
    } catch (cause) {
      if (isNotFound(cause)) return false;
      throw cause;
    }
  }

  /** What it owned is collected by the cluster itself; there is nothing to wait for. */
  async #release({ object }: SeenExternalSecret): Promise<Next> {
    const { namespace, name, resourceVersion, finalizers = [] } = object.metadata;
    const left = finalizersLeft(finalizers);
    if (left === undefined) return 'done';
    const patch = { patch: { metadata: { resourceVersion, finalizers: left } } };
    try {
      await this.#parts.kube.mergePatch(resources.externalSecret, { namespace, name }, patch);
    } catch (cause) {
      if (isNotFound(cause)) return 'done';
      if (isConflict(cause)) return 'failed';
      throw cause;
    }
    return 'done';
  }
}

const notSupported = (fields: readonly string[]): string =>
  `not supported yet: ${fields.join(', ')}; leave it out, nothing of the ExternalSecret is done`;

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
import { isIntact, isMend } from './due.ts';
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
  readonly began: Began;
}

/** When a work began: on the wall clock, for conditions, and on the other one. */
interface Began {
  readonly nowMs: number;
  readonly monotonicMs: number;
}

type Settling = Pick<Subject, 'key' | 'seen' | 'began'>;

interface Concluded {
  readonly view: View;
  readonly verdict: Verdict;
  readonly acted: Acted;
}

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
    return this.#reconcile({ key, seen, spec, wanted: wantedOf(seen, spec), began: this.#began() });
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

  /**
   * Decides and acts until the Secret is as it was thought to be. The Secret is looked at before the store is asked, each
   * time: what the store said before somebody else wrote is never written over that.
   */
  async #sync(subject: Subject, early: EarlyView): Promise<Next> {
    let target = await this.#target(early);
    for (let round = 0; round < roundsLimit; round++) {
      const view = { ...early, ...(await this.#ask(subject)), target };
      const verdict = decide(view);
      const acted = await this.#perform(subject, verdict);
      if ('refused' in acted) return this.#settle(subject, failed(view, acted.refused, { retry: true }));
      if (acted.kind !== 'overtaken') return this.#conclude(subject, { view, verdict, acted });
      target = await this.#readTarget(subject.wanted);
    }
    this.#parts.told.add(subject.key);
    return 'failed';
  }

  async #ask({ key, spec, wanted, seen }: Subject): Promise<Pick<View, 'fetched' | 'render'>> {
    const { stores, renderer } = this.#parts;
    const fetched = await fetchAll({ key, namespace: wanted.namespace, spec, stores });
    const data = fetched.kind === 'data' ? fetched.data : new Map<string, Uint8Array>();
    return { fetched, render: renderer.render(seen, data) };
  }

  async #conclude(subject: Subject, { view, verdict, acted }: Concluded): Promise<Next> {
    this.#remember(acted, verdict);
    if (acted.kind === 'written' && isMend(view)) this.#parts.mends.took(subject.key, view.nowMs);
    await this.#removeOrphans(subject);
    return this.#settle(subject, verdict);
  }

  #began(): Began {
    const { clock } = this.#parts;
    return { nowMs: clock.now(), monotonicMs: clock.monotonic() };
  }

  #gather({ key, seen, wanted, began: { nowMs } }: Subject): EarlyView {
    const { known, stores, told, mends } = this.#parts;
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
  async #removeOrphans({ wanted }: Subject): Promise<void> {
    const { known, kube } = this.#parts;
    const present = known.secrets.get(`${wanted.namespace}/${wanted.target}`);
    if (wanted.creationPolicy !== 'Owner' || !isIntact(present, wanted)) return;
    for (const key of known.madeBy(createdBy(wanted.namespace, wanted.name))) {
      const secret = known.secrets.get(key);
      if (secret === undefined || secret.namespace !== wanted.namespace || secret.name === wanted.target) continue;
      if (!secret.owners.some(({ uid }) => uid === wanted.uid)) continue;
      const { namespace, name, uid, resourceVersion } = secret;
      await kube.remove(resources.secret, { namespace, name }, { uid, resourceVersion });
    }
  }

  #refuse(key: string, seen: SeenExternalSecret, text: string): Promise<Next> {
    const began = this.#began();
    const view = { prior: priorStatus(seen.object), nowMs: began.nowMs };
    return this.#settle({ key, seen, began }, failed(view, text, { retry: false }));
  }

  /** The status, where it says anything new, and the events. */
  async #settle({ key, seen, began }: Settling, verdict: Verdict): Promise<Next> {
    const change = statusChange(seen, verdict, began.nowMs);
    if (change !== undefined) {
      const told = await this.#patchStatus(key, seen, change);
      if (told !== 'written') return told === 'gone' ? 'done' : 'failed';
    }
    const { clock, settled } = this.#parts;
    if (verdict.outcome !== undefined) settled(key, verdict.outcome.status, clock.monotonic() - began.monotonicMs);
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

  /** `another`: it has been made anew under its name meanwhile, and nothing is said of that one yet. */
  async #patchStatus(
    key: string,
    { object }: SeenExternalSecret,
    status: unknown,
  ): Promise<'written' | 'gone' | 'another'> {
    const { kube, known } = this.#parts;
    const { namespace, name, uid } = object.metadata;
    const patch = (patched: unknown): Promise<KubeObject> =>
      kube.mergePatch(
        resources.externalSecret,
        { namespace, name },
        { patch: { status: patched }, subresource: 'status' },
      );
    try {
      const answer = await patch(status);
      // The API server takes a status whatever uid is sent with it.
      const isSame = answer.metadata.uid === uid;
      known.putExternalSecret(key, known.seeExternalSecret(isSame ? answer : await patch(null)), 'answer');
      return isSame ? 'written' : 'another';
    } catch (cause) {
      if (isNotFound(cause)) return 'gone';
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

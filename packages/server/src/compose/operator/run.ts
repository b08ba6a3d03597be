/** The operator of a process: the cluster, the stores and the templates it works with, put together. */
import { nodeTransport } from '@coffer/client/node.ts';
import { systemRuntime } from '@coffer/client/runtime.ts';
import { Secret } from '@coffer/schema/secret.ts';
import type { Clock } from '../../contracts/clock.ts';
import type { Kube } from '../../contracts/kube.ts';
import type { Log } from '../../contracts/log.ts';
import type { Random } from '../../contracts/random.ts';
import {
  type OperatorParts,
  type RunningOperator,
  startOperator,
  type SyncObserver,
} from '../../kubernetes/operator/operator.ts';
import { readWhole } from '../../platform/files/read.ts';
import { serviceAccountFolder } from '../../platform/files/own-pod.ts';
import type { Connection } from '../../platform/kube/connect.ts';
import { type EventTeller, eventTeller } from '../../platform/kube/events.ts';
import { VaultProvider } from '../../providers/vault/provider.ts';
import { tlsOptions } from '../../providers/vault/settings.ts';
import type { OperatorSettings } from './flags.ts';
import { makeRendering } from './templates.ts';

export interface OperatorSurroundings {
  readonly connection: Connection;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** A name of this process that no other one has. */
  readonly instance: string;
  readonly observer: SyncObserver;
}

export type WorkSettings = Pick<OperatorSettings, 'controllerClass' | 'namespace' | 'concurrency' | 'storeRequeueMs'>;

const component = 'coffer-operator';
const tokenLimitBytes = 1_048_576;
/** One answer of a store: whoever sets up a store may choose what it answers. A Secret ends at 1 MiB. */
const answerLimitBytes = 4 * 1_048_576;
/** How long what is under way may take to end: half of what a pod is given. */
const stopLimitMs = 15_000;

/** Read for each login: the cluster rotates it. */
const readOwnToken = async (): Promise<Secret> =>
  Secret.of(await readWhole(`${serviceAccountFolder}/token`, tokenLimitBytes));

interface Parts {
  readonly kube: Kube;
  readonly events: EventTeller;
}

/** What goes wrong stands in the log too, once for each time it begins or changes. */
const told =
  (events: EventTeller, log: Log): OperatorParts['record'] =>
  (about, { type, reason, message }) => {
    events.tell(about, { type, reason, note: message });
    if (type !== 'Warning') return;
    const { namespace, name } = about.metadata;
    const object = `${about.kind} ${namespace === undefined ? name : `${namespace}/${name}`}`;
    log.write('warn', 'an object is not as it should be', { object, reason, message });
  };

const start = (settings: WorkSettings, around: OperatorSurroundings, { kube, events }: Parts): RunningOperator => {
  const { connection, clock, random, log } = around;
  return startOperator({
    ...settings,
    kube,
    clock,
    random,
    log,
    observer: around.observer,
    opener: {
      open: (vault, tls) =>
        new VaultProvider(vault, {
          runtime: systemRuntime(nodeTransport(tlsOptions(tls), answerLimitBytes)),
          clock,
          log,
        }),
      ownToken: connection.context === undefined ? readOwnToken : undefined,
    },
    rendering: makeRendering(),
    record: told(events, log),
  });
};

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

const within = (clock: Clock, work: Promise<void>): Promise<void> =>
  new Promise((resolve, reject) => {
    const cancel = clock.after(stopLimitMs, resolve);
    work.then(resolve, reject).finally(cancel);
  });

/**
 * Works until the signal is aborted, then ends what is under way. Rejects where something is wrong with the operator
 * itself. `begun` is called once the first lists are in; nothing is written once `isHeld` says no.
 */
export const operatorWork =
  (settings: WorkSettings, around: OperatorSurroundings, begun: () => void) =>
  async (signal: AbortSignal, isHeld: () => boolean = () => true): Promise<void> => {
    const { connection, clock, random, log, instance } = around;
    const telling = new AbortController();
    const kube = connection.whileHeld(isHeld);
    const events = eventTeller({ kube, clock, random, log, component, instance }, telling.signal);
    const operator = start(settings, around, { kube, events });
    operator.started.then(begun, () => undefined);
    try {
      await Promise.race([aborted(signal), operator.ended]);
    } finally {
      await within(clock, operator.stop());
      telling.abort();
    }
  };

/**
 * A thread that takes requests in, answers those that change nothing, and hands over the others to the thread that writes.
 * It has a core of its own over its own connection to the store, in step with what is written; it writes nothing.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Logs } from '../../contracts/log.ts';
import type { StorageCopies } from '../../contracts/storage.ts';
import { FrontSink } from '../../core/fronts/audit-sink.ts';
import { frontLanes } from '../../core/fronts/lanes.ts';
import type { LiveConfiguration } from '../../core/request/core.ts';
import { frontPipeline } from '../../core/request/front.ts';
import { Rounds } from '../../core/rounds.ts';
import { Taker } from '../../http/handover/taker.ts';
import { realClock } from '../../platform/clock/real.ts';
import { realHost } from '../../platform/host/host.ts';
import { realRandom } from '../../platform/random/real.ts';
import { openFollowerStore } from '../../platform/sqlite/follower-store.ts';
import { Calls } from '../../platform/threads/calls.ts';
import { type OwnThread, ownThread } from '../../platform/threads/start.ts';
import { type Composed, composeWhole } from '../core.ts';
import { listenOn } from '../server/listen.ts';
import { reloadFront, type Served } from '../server/reload.ts';
import type { AskedOfCore, AskedOfFront, Bound, FrontOptions } from './messages.ts';

type ToCore = Calls<AskedOfFront, AskedOfCore>;

/** What was counted here is told so often. */
const countsEveryMs = 1_000;

const notHere = async (): Promise<never> => {
  throw new CofferError('internal', 'This thread only reads.');
};
const noCopies: StorageCopies = { copy: notHere, receive: notHere, replace: notHere };
const noConfiguration: LiveConfiguration = { parts: [], shown: () => ({}), reload: notHere };

/** Lines go to the log of the process, which knows its levels and who follows it. */
const logsTo = (toCore: () => ToCore): Logs => ({
  tap: { follow: () => () => {} },
  levels: { all: () => new Map(), set: () => {} },
  part: part => {
    const carrying = (carried: object) => ({
      write: (...[level, message, fields]: Parameters<ReturnType<Logs['part']>['write']>) =>
        toCore().tell('log', { part, level, message, fields: { ...carried, ...fields } }),
      with: (fields: object) => carrying({ ...carried, ...fields }),
    });
    return carrying({});
  },
});

const composeFront = (
  options: FrontOptions,
  { toCore, logs }: { readonly toCore: () => ToCore; readonly logs: Logs },
) => {
  const store = openFollowerStore(options.path, options.memory);
  const openAnew = async (): Promise<void> => core.seal.openWith(await toCore().ask('rootKey', undefined));
  const { core, inStep, view }: Composed = composeWhole({
    ...options,
    storage: store,
    copies: noCopies,
    clock: realClock(),
    random: realRandom(),
    logs,
    host: realHost([]),
    fatal: reason => toCore().tell('fatal', reason),
    configuration: noConfiguration,
    seal: { type: options.sealType, auto: undefined },
    rootTokenId: undefined,
    openAudit: async stanza => new FrontSink(stanza, records => toCore().ask('records', records)),
    front: { steps: store, lanes: frontLanes, isAnchored: options.isAnchored, openAnew },
  });
  if (inStep === undefined) throw new TypeError('a thread that only reads is kept in step');
  return { store, core, inStep, view };
};

const runFront = ({ data, channel, end }: OwnThread): void => {
  const options = data as FrontOptions;
  const logs = logsTo(() => toCore);
  const { store, core, inStep, view } = composeFront(options, { toCore: () => toCore, logs });
  const { clock } = core;
  const taker = new Taker(clock);
  const handle = frontPipeline({
    core,
    inStep,
    handOver: (wire, bodyLimitBytes) => taker.handOver(toCore, wire, bodyLimitBytes),
  });
  const servers: Served[] = [];
  const tellCounts = async (): Promise<void> => {
    const answers = core.answerCounts.take();
    if (answers === undefined) return;
    const unrecorded = { ...core.audit.unrecorded };
    toCore.tell('counted', { answers, unrecorded });
    core.audit.addUnrecorded({ requests: -unrecorded.requests, responses: -unrecorded.responses });
  };
  const counting = new Rounds({ clock, everyMs: countsEveryMs, look: tellCounts });
  const asked: AskedOfFront = {
    ...taker.asked,
    opened: ({ rootKey, ledger }) => {
      view?.use(ledger);
      return core.seal.openWith(rootKey);
    },
    ledgerMoved: ledger => view?.use(ledger),
    closed: async () => {
      await core.seal.seal();
      view?.use(undefined);
    },
    listen: async (bound: readonly Bound[]) => {
      for (const { settings, port } of bound) {
        const at = { ...settings, address: { ...settings.address, port } };
        const served = await listenOn(at, { handle, clock, logs, sharing: 'another' });
        servers.push({ ...served, address: settings.address });
      }
      counting.start();
    },
    reload: next => reloadFront({ core, servers }, next),
    drain: () => servers.forEach(({ server }) => server.drain()),
    end: async graceMs => {
      counting.stop();
      await Promise.all(servers.map(({ server }) => server.close(graceMs)));
      await core.seal.seal();
      await tellCounts();
      store.close();
      // The answer has to leave first.
      clock.after(0, end);
    },
  };
  const toCore: ToCore = new Calls(channel, asked);
};

runFront(ownThread());

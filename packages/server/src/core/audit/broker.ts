/**
 * Writes each request to every audit device that takes it. One healthy device is enough; where devices are enabled and none can take a
 * record, the request fails and its answer stays unknown to the caller. A device answers within its time limit, whatever
 * becomes of it. One that fails is told in the log once, and once more when it is well again.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { Clock } from '../../contracts/clock.ts';
import type { Log } from '../../contracts/log.ts';
import type { Exchange } from '../request/exchange.ts';
import type { AuditDevice } from './device.ts';
import type { Selection } from './options.ts';
import type { AuditFormat } from './record.ts';
import { type DeviceState, newState } from './state.ts';

export class AuditBroker {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #devices = new Map<string, DeviceState>();
  /** How many devices could not take their last record. */
  #ailing = 0;
  /** How many devices take some records only. */
  #choosy = 0;
  /** What no device could record. */
  readonly unrecorded = { requests: 0, responses: 0 };
  /** With the store: that there is no device does not mean that none was wanted. */
  #isClosed = false;

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  /** What another thread could not have recorded. */
  addUnrecorded({ requests, responses }: AuditBroker['unrecorded']): void {
    this.unrecorded.requests += requests;
    this.unrecorded.responses += responses;
  }

  devices(): readonly AuditDevice[] {
    return this.states().map(({ device }) => device);
  }

  states(): readonly DeviceState[] {
    return [...this.#devices.values()];
  }

  device(path: string): AuditDevice | undefined {
    return this.#devices.get(path)?.device;
  }

  add(device: AuditDevice): void {
    if (isChoosy(device)) this.#choosy++;
    this.#devices.set(device.path, newState(device));
  }

  async remove(path: string): Promise<void> {
    const state = this.#devices.get(path);
    if (state === undefined) return;
    this.#devices.delete(path);
    if (state.unconfirmed !== undefined) this.#ailing--;
    if (isChoosy(state.device)) this.#choosy--;
    await state.device.sink.close();
  }

  /** All devices that there are have been added, perhaps none. */
  opened(): void {
    this.#isClosed = false;
  }

  /** What was under way in the open store is refused from now on: it can be put on record no more. */
  async clear(): Promise<void> {
    this.#isClosed = true;
    for (const { path } of this.devices()) await this.remove(path);
  }

  /** Every device, also where one before it cannot be opened anew: that one writes where it wrote before. */
  async reopen(): Promise<void> {
    for (const device of this.devices()) {
      await device.sink.reopen().catch((cause: unknown) => {
        this.#log.write('error', 'an audit device cannot be opened anew', { device: device.path, ...reasonOf(cause) });
      });
    }
  }

  /** Looks whether files were deleted under their devices. */
  async watch(): Promise<void> {
    for (const state of this.states()) {
      const { sink, path } = state.device;
      if ((await sink.watch?.().catch(() => false)) !== true) continue;
      state.losses++;
      this.#log.write(
        'error',
        'an audit file was deleted: records of the last second are gone, the next go to a new file',
        {
          device: path,
        },
      );
    }
  }

  /** Before the row runs. Undefined where no device is enabled. */
  writeRequest(exchange: Exchange): Promise<void> | undefined {
    return this.#write('requests', exchange, format => [format.request(exchange)]);
  }

  /** After the row ran; `withRequest` where the request record was kept back until now. */
  writeResponse(exchange: Exchange, withRequest: boolean): Promise<void> | undefined {
    const preparing = this.#preparing(exchange);
    if (preparing === undefined) return this.#writeResponse(exchange, withRequest);
    return preparing.then(() => this.#writeResponse(exchange, withRequest));
  }

  /** Records that another thread has made for this device, up to their ends. */
  async writeFrom(path: string, records: readonly string[]): Promise<void> {
    const state = this.#devices.get(path);
    if (state === undefined || this.#isClosed)
      throw new CofferError('audit_failed', `there is no audit device ${path} any more`);
    try {
      await this.#give(state, format => records.map(record => format.ended(record)));
    } catch (cause) {
      this.#failed(state, cause);
      throw cause;
    }
    if (this.#ailing > 0) this.#wrote(state);
  }

  #preparing(exchange: Exchange): Promise<unknown> | undefined {
    let all: Promise<void>[] | undefined;
    for (const { device } of this.#devices.values()) {
      const one = device.format.prepare(exchange);
      if (one !== undefined) (all ??= []).push(one);
    }
    return all === undefined ? undefined : Promise.all(all);
  }

  #writeResponse(exchange: Exchange, withRequest: boolean): Promise<void> | undefined {
    const now = this.#clock.now();
    return this.#write('responses', exchange, format =>
      withRequest ? format.both(exchange, now) : [format.response(exchange, now)],
    );
  }

  #write(what: Recorded, exchange: Exchange, records: MakeRecords): Promise<void> | undefined {
    if (this.#isClosed && exchange.storeWasOpen) return Promise.reject(new CofferError('sealed', 'Vault is sealed'));
    if (this.#devices.size === 0) return undefined;
    if (this.#devices.size > 1 || this.#choosy > 0) return this.#writeAll(what, this.#takers(exchange), records);
    const [state] = this.#devices.values();
    if (state === undefined) return undefined;
    const written = this.#give(state, records).catch((cause: unknown) => {
      this.#failed(state, cause);
      throw this.#noneHealthy(what);
    });
    // Looked at here, so that a healthy device costs no further promise.
    return this.#ailing === 0 ? written : written.then(() => this.#wrote(state));
  }

  #takers(exchange: Exchange): readonly DeviceState[] {
    const all = this.states();
    if (this.#choosy === 0) return all;
    const taking = all.filter(({ device: { selection } }) => takes(selection, exchange));
    return taking.length > 0 ? taking : all.filter(({ device }) => device.selection.isFallback);
  }

  async #writeAll(what: Recorded, states: readonly DeviceState[], records: MakeRecords): Promise<void> {
    const results = await Promise.allSettled(states.map(state => this.#give(state, records)));
    for (const [index, result] of results.entries()) {
      const state = states[index];
      if (state === undefined) continue;
      if (result.status === 'rejected') this.#failed(state, result.reason);
      else if (this.#ailing > 0) this.#wrote(state);
    }
    if (!results.some(result => result.status === 'fulfilled')) throw this.#noneHealthy(what);
  }

  #give(state: DeviceState, make: MakeRecords): Promise<void> {
    const { format, sink } = state.device;
    const records = make(format);
    state.records += records.length;
    return sink.write(records);
  }

  #failed(state: DeviceState, cause: unknown): void {
    const { path } = state.device;
    // What was removed meanwhile is nobody's concern any more.
    if (this.#devices.get(path) !== state) return;
    state.failures++;
    if (state.unconfirmed === undefined) {
      this.#ailing++;
      this.#log.write('error', 'an audit device could not take a record', { device: path, ...reasonOf(cause) });
    }
    state.unconfirmed = (state.unconfirmed ?? 0) + 1;
  }

  #wrote(state: DeviceState): void {
    const { unconfirmed, device } = state;
    if (unconfirmed === undefined || this.#devices.get(device.path) !== state) return;
    state.unconfirmed = undefined;
    this.#ailing--;
    this.#log.write('warn', 'an audit device is well again; it may lack records that others have', {
      device: device.path,
      unconfirmed,
    });
  }

  #noneHealthy(what: Recorded): CofferError {
    this.unrecorded[what]++;
    return noneHealthy();
  }
}

const isChoosy = ({ selection: { filter, isFallback } }: AuditDevice): boolean => filter !== undefined || isFallback;

const takes = ({ filter, isFallback }: Selection, exchange: Exchange): boolean =>
  !isFallback && (filter === undefined || filter(exchange));

type Recorded = 'requests' | 'responses';
type MakeRecords = (format: AuditFormat) => readonly string[];

const reasonOf = (cause: unknown): { readonly error: string; readonly reason?: string } => {
  if (cause instanceof CofferError) return { error: cause.code, reason: cause.publicMessage };
  const code = (cause as { code?: unknown }).code;
  return { error: typeof code === 'string' ? code : cause instanceof Error ? cause.name : 'unknown' };
};

const noneHealthy = (): CofferError =>
  new CofferError(
    'audit_failed',
    'no audit device could record the request; see the server log for the device and its error',
  );

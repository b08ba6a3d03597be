/**
 * Writes each request to every audit device. One healthy device is enough; where devices are enabled and none can take a
 * record, the request fails and its answer stays unknown to the caller. A device answers within its time limit, whatever
 * becomes of it. One that fails is told in the log once, and once more when it is well again.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import type { AuditSink } from '../../contracts/audit.ts';
import type { Clock } from '../../contracts/clock.ts';
import type { Log } from '../../contracts/log.ts';
import type { Exchange } from '../request/exchange.ts';
import type { AuditFormat } from './record.ts';

export interface AuditDevice {
  readonly path: string;
  readonly type: string;
  readonly description: string;
  readonly options: ReadonlyMap<string, string>;
  readonly sink: AuditSink;
  readonly format: AuditFormat;
}

export class AuditBroker {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #devices = new Map<string, AuditDevice>();
  /** Devices that could not take their last record, and how many they have not confirmed. */
  readonly #ailing = new Map<AuditDevice, number>();

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  devices(): readonly AuditDevice[] {
    return [...this.#devices.values()];
  }

  device(path: string): AuditDevice | undefined {
    return this.#devices.get(path);
  }

  add(device: AuditDevice): void {
    this.#devices.set(device.path, device);
  }

  async remove(path: string): Promise<void> {
    const device = this.#devices.get(path);
    if (device === undefined) return;
    this.#devices.delete(path);
    this.#ailing.delete(device);
    await device.sink.close();
  }

  async clear(): Promise<void> {
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

  /** Before the row runs. Undefined where no device is enabled. */
  writeRequest(exchange: Exchange): Promise<void> | undefined {
    return this.#write(format => [format.request(exchange)]);
  }

  /** After the row ran; `withRequest` where the request record was kept back until now. */
  writeResponse(exchange: Exchange, withRequest: boolean): Promise<void> | undefined {
    const preparing = this.#preparing(exchange);
    if (preparing === undefined) return this.#writeResponse(exchange, withRequest);
    return preparing.then(() => this.#writeResponse(exchange, withRequest));
  }

  #preparing(exchange: Exchange): Promise<unknown> | undefined {
    let all: Promise<void>[] | undefined;
    for (const { format } of this.#devices.values()) {
      const one = format.prepare(exchange);
      if (one !== undefined) (all ??= []).push(one);
    }
    return all === undefined ? undefined : Promise.all(all);
  }

  #writeResponse(exchange: Exchange, withRequest: boolean): Promise<void> | undefined {
    const now = this.#clock.now();
    return this.#write(format => (withRequest ? format.both(exchange, now) : [format.response(exchange, now)]));
  }

  #write(records: (format: AuditFormat) => readonly string[]): Promise<void> | undefined {
    if (this.#devices.size === 0) return undefined;
    if (this.#devices.size > 1) return this.#writeAll(records);
    const [device] = this.#devices.values();
    const written = device?.sink.write(records(device.format)).catch((cause: unknown) => {
      this.#failed(device, cause);
      throw noneHealthy();
    });
    // Looked at here, so that a healthy device costs no further promise.
    return this.#ailing.size === 0 || device === undefined ? written : written?.then(() => this.#wrote(device));
  }

  async #writeAll(records: (format: AuditFormat) => readonly string[]): Promise<void> {
    const devices = this.devices();
    const results = await Promise.allSettled(devices.map(device => device.sink.write(records(device.format))));
    for (const [index, result] of results.entries()) {
      const device = devices[index];
      if (device === undefined) continue;
      if (result.status === 'rejected') this.#failed(device, result.reason);
      else if (this.#ailing.size > 0) this.#wrote(device);
    }
    if (!results.some(result => result.status === 'fulfilled')) throw noneHealthy();
  }

  #failed(device: AuditDevice, cause: unknown): void {
    // What was removed meanwhile is nobody's concern any more.
    if (this.#devices.get(device.path) !== device) return;
    const before = this.#ailing.get(device);
    this.#ailing.set(device, (before ?? 0) + 1);
    if (before === undefined)
      this.#log.write('error', 'an audit device could not take a record', { device: device.path, ...reasonOf(cause) });
  }

  #wrote(device: AuditDevice): void {
    const unconfirmed = this.#ailing.get(device);
    if (unconfirmed === undefined) return;
    this.#ailing.delete(device);
    this.#log.write('warn', 'an audit device is well again; it may lack records that others have', {
      device: device.path,
      unconfirmed,
    });
  }
}

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

/**
 * Writes each request to every audit device. One healthy device is enough; where devices are enabled and none can take a
 * record, the request fails and its answer stays unknown to the caller.
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

const toldEveryMs = 1000;

export class AuditBroker {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #devices = new Map<string, AuditDevice>();
  readonly #silentUntilMs = new WeakMap<AuditDevice, number>();

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
    this.#devices.delete(path);
    await device?.sink.close();
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
    return device?.sink.write(records(device.format)).catch((cause: unknown) => {
      this.#failed(device, cause);
      throw noneHealthy();
    });
  }

  async #writeAll(records: (format: AuditFormat) => readonly string[]): Promise<void> {
    const devices = this.devices();
    const results = await Promise.allSettled(devices.map(device => device.sink.write(records(device.format))));
    for (const [index, result] of results.entries()) {
      const device = devices[index];
      if (result.status === 'rejected' && device !== undefined) this.#failed(device, result.reason);
    }
    if (!results.some(result => result.status === 'fulfilled')) throw noneHealthy();
  }

  /** A device that stays dead is told now and then, not with every request. */
  #failed(device: AuditDevice, cause: unknown): void {
    const now = this.#clock.monotonic();
    if (now < (this.#silentUntilMs.get(device) ?? now)) return;
    this.#silentUntilMs.set(device, now + toldEveryMs);
    this.#log.write('error', 'an audit device could not take a record', { device: device.path, ...reasonOf(cause) });
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

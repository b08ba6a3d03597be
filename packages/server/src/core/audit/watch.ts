/**
 * Looks once a second whether a file that a device writes to was deleted: nothing else would show it, and every record would
 * go nowhere. The device begins a new file, or takes no records until it can; either way the log says so.
 */
import type { Clock } from '../../contracts/clock.ts';
import type { AuditBroker } from './broker.ts';

export const watchEveryMs = 1000;

export class DeviceWatch {
  readonly #clock: Clock;
  readonly #broker: AuditBroker;
  #stop: () => void = () => {};

  constructor(clock: Clock, broker: AuditBroker) {
    this.#clock = clock;
    this.#broker = broker;
  }

  start(): void {
    this.#stop();
    this.#soon();
  }

  stop(): void {
    this.#stop();
  }

  #soon(): void {
    let isStopped = false;
    const cancel = this.#clock.after(watchEveryMs, () => {
      void this.#broker.watch().finally(() => {
        if (!isStopped) this.#soon();
      });
    });
    this.#stop = () => {
      isStopped = true;
      cancel();
    };
  }
}

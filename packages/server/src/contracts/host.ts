/** The machine the server runs on, as far as people who look after it want to see it. No secrets, no names of users. */
export interface Cpu {
  readonly model: string;
  readonly mhz: number;
  /** Since the machine started. */
  readonly seconds: {
    readonly user: number;
    readonly nice: number;
    readonly system: number;
    readonly idle: number;
    readonly irq: number;
  };
}

/** A file system, by a path in it. */
export interface Disk {
  readonly path: string;
  readonly totalBytes: number;
  /** What this user may still write. */
  readonly freeBytes: number;
  readonly filesTotal: number;
  readonly filesFree: number;
}

export interface HostFacts {
  readonly hostname: string;
  readonly system: string;
  readonly kernel: string;
  readonly architecture: string;
  readonly uptimeSeconds: number;
  readonly cpus: readonly Cpu[];
  readonly memory: { readonly totalBytes: number; readonly freeBytes: number; readonly availableBytes: number };
  readonly disks: readonly Disk[];
}

/** What this process has used. */
export interface ProcessUsage {
  readonly residentBytes: number;
  readonly heapUsedBytes: number;
  readonly cpuSeconds: number;
  /** Wall clock. */
  readonly startedAtMs: number;
}

export interface Host {
  facts(): Promise<HostFacts>;
  usage(): ProcessUsage;
}

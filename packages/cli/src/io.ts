/** What a command gets from outside. Handed in, so that a test can stand in for terminal, files and network. */
import type { Runtime } from '@coffer/client/runtime.ts';
import type { Secret } from '@coffer/schema/secret.ts';
import type { AuditIo } from './audit/source.ts';
import type { ManifestIo } from './manifests/files.ts';
import type { RunningIo } from './running/surroundings.ts';
import type { SnapshotIo } from './snapshots.ts';

export interface Terminal {
  /** All of standard input. */
  readAll(): Promise<Uint8Array>;
  /** Asks on the terminal without showing what is typed; `undefined` where there is no terminal. */
  ask(label: string): Promise<Secret | undefined>;
}

export interface Files {
  /** `undefined` where there is no such file. */
  read(path: string): Promise<Uint8Array | undefined>;
  /** Replaces the file as a whole: readable by its owner alone, or by whom it was before. */
  write(path: string, content: Uint8Array, access: 'private' | 'kept'): Promise<void>;
  remove(path: string): Promise<void>;
}

export interface TlsPaths {
  readonly caCert?: string | undefined;
  /** PEM itself, in place of a file. */
  readonly caBytes?: string | undefined;
  readonly caPath?: string | undefined;
  readonly clientCert?: string | undefined;
  readonly clientKey?: string | undefined;
  readonly serverName?: string | undefined;
  readonly skipVerify: boolean;
}

export interface Streams {
  readonly out: (content: string | Uint8Array) => void;
  readonly err: (text: string) => void;
  /** Loads the writer of YAML, which few runs need. */
  readonly loadYaml: () => Promise<(value: unknown) => string>;
}

export interface Surroundings {
  readonly env: (name: string) => string | undefined;
  readonly home: string;
  readonly random: (length: number) => Uint8Array;
}

export interface Servers {
  readonly connect: (tls: TlsPaths) => Promise<Runtime>;
  /** Runs the server; resolves with its exit code when it ends. */
  readonly server: (argv: readonly string[]) => Promise<number>;
  /** Copies a store from one storage to another. */
  readonly migrate: (argv: readonly string[]) => Promise<number>;
}

/** What works in a Kubernetes cluster. Each resolves with its exit code when it ends. */
export interface Clusters {
  readonly operator: (argv: readonly string[]) => Promise<number>;
  /** Looks at a cluster and its stores. */
  readonly doctor: (argv: readonly string[]) => Promise<number>;
  /** The server with a cluster beside it. */
  readonly dev: (argv: readonly string[]) => Promise<number>;
}

export interface Installers {
  /** Prints what installs the operator; resolves with the exit code. */
  readonly operatorManifests: (argv: readonly string[]) => Promise<number>;
}

/** Loaded by the commands that need it. */
export interface Loaders {
  readonly loadManifests: () => Promise<ManifestIo>;
  readonly loadRunning: () => Promise<RunningIo>;
  readonly loadSnapshots: () => Promise<SnapshotIo>;
}

export interface Io extends Streams, Surroundings, Servers, Clusters, Installers, Loaders {
  readonly terminal: Terminal;
  readonly files: Files;
  /** Loaded by the commands about audit files. */
  readonly loadAudit: () => Promise<AuditIo>;
}

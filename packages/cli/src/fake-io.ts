/** A fake terminal, file system and server for tests of commands: everything that a command touches, kept in memory. */
import { FakeServer } from '@coffer/client/fake.ts';
import { Secret } from '@coffer/schema/secret.ts';
import { dispatch } from './dispatch.ts';
import type { Files, Io } from './io.ts';

const encoder = new TextEncoder();
const utf8 = new TextDecoder();

export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export class FakeIo {
  readonly server = new FakeServer();
  readonly env = new Map<string, string>([['COFFER_ADDR', 'http://coffer.test']]);
  readonly files = new Map<string, string>();
  /** Standard input. */
  input = '';
  /** What is typed when asked; `undefined`: there is no terminal. */
  typed: string | undefined;
  readonly asked: string[] = [];
  readonly serverRuns: (readonly string[])[] = [];
  readonly migrateRuns: (readonly string[])[] = [];
  readonly operatorRuns: (readonly string[])[] = [];
  readonly doctorRuns: (readonly string[])[] = [];
  readonly manifestsRuns: (readonly string[])[] = [];
  readonly devRuns: (readonly string[])[] = [];

  async run(...argv: readonly string[]): Promise<Ended> {
    let out = '';
    let err = '';
    const io: Io = {
      out: content => {
        out += typeof content === 'string' ? content : utf8.decode(content);
      },
      err: text => {
        err += text;
      },
      env: name => this.env.get(name),
      home: '/home/ada',
      terminal: {
        readAll: async () => encoder.encode(this.input),
        ask: async label => {
          this.asked.push(label);
          return this.typed === undefined ? undefined : Secret.of(this.typed);
        },
      },
      files: this.#files(),
      connect: async () => this.server.runtime(),
      random: length => new Uint8Array(length).fill(7),
      server: async given => {
        this.serverRuns.push(given);
        return 0;
      },
      migrate: async given => {
        this.migrateRuns.push(given);
        return 0;
      },
      operator: async given => {
        this.operatorRuns.push(given);
        return 0;
      },
      doctor: async given => {
        this.doctorRuns.push(given);
        return 0;
      },
      operatorManifests: async given => {
        this.manifestsRuns.push(given);
        return 0;
      },
      dev: async given => {
        this.devRuns.push(given);
        return 0;
      },
      loadYaml: async () => fakeYaml,
      loadManifests: async () => (await import('./platform/manifest-io.ts')).manifestIo,
      loadRunning: async () => (await import('./platform/running-io.ts')).runningIo,
      loadSnapshots: async () => (await import('./platform/snapshot-io.ts')).snapshotIo,
      loadAudit: async () => (await import('./platform/audit-io.ts')).auditIo,
    };
    return { code: await dispatch(argv, io), out, err };
  }

  #files(): Files {
    return {
      read: async path => {
        const content = this.files.get(path);
        return content === undefined ? undefined : encoder.encode(content);
      },
      write: async (path, content) => void this.files.set(path, utf8.decode(content)),
      remove: async path => void this.files.delete(path),
    };
  }
}

const fakeYaml = (value: unknown): string =>
  `yaml ${JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? `${one}n` : one))}\n`;

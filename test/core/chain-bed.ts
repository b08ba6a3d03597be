/** A core whose audit device writes a real file, and the verification of such files as the command does it. */
import { copyFileSync, mkdtempSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseJson } from '@coffer/client/json.ts';
import type { Coffer } from '@coffer/client/client.ts';
import { Verification, type Verified } from '../../packages/cli/src/audit/verify.ts';
import { askStore, type Witness } from '../../packages/cli/src/audit/witness.ts';
import { auditIo } from '../../packages/cli/src/platform/audit-io.ts';
import type { CoreParts } from '../../packages/server/src/compose/core-parts.ts';
import { openFileDevice } from '../../packages/server/src/platform/audit/file.ts';
import { realClock } from '../../packages/server/src/platform/clock/real.ts';
import { type Bed, type BedOptions, openBed } from './bed.ts';

/** Open until the process ends: a file that is collected before it is closed fails the test. */
const held: object[] = [];

export class ChainBed {
  readonly bed: Bed;
  readonly file: string;

  private constructor(bed: Bed, file: string) {
    this.bed = bed;
    this.file = file;
  }

  static async open(options: BedOptions = {}): Promise<ChainBed> {
    const file = path.join(mkdtempSync(path.join(tmpdir(), 'coffer-chain-')), 'audit.log');
    const openAudit: CoreParts['openAudit'] = async ({ path: device }, chain) => {
      const sink = await openFileDevice(device, { filePath: file, mode: 0o600 }, { clock: realClock(), chain });
      held.push(sink);
      return sink;
    };
    return new ChainBed(await openBed({ openAudit, ...options }), file);
  }

  /** Some writes of one record, some of many. */
  async requests(count = 4): Promise<void> {
    for (let at = 0; at < count; at++) await this.bed.root('POST', 'secret/data/app', { data: { at } });
    await Promise.all(Array.from({ length: count }, () => this.bed.root('GET', 'secret/data/app')));
  }

  async rotate(name: string): Promise<string> {
    renameSync(this.file, `${this.file}.${name}`);
    await this.bed.core.audit.reopen();
    return `${this.file}.${name}`;
  }

  async reseal(): Promise<void> {
    await this.bed.root('POST', 'sys/seal');
    this.bed.clock.nowMs += 1000;
    await this.bed.ask('POST', 'sys/unseal', { body: { key: this.bed.unsealKeys[0] } });
  }

  lines(file = this.file): string[] {
    return readFileSync(file, 'utf8').split('\n').slice(0, -1);
  }

  write(content: Uint8Array): void {
    writeFileSync(this.file, content);
  }

  /** A copy with other lines. */
  changed(change: (lines: string[]) => string[], file = this.file): string {
    const copy = `${file}.changed`;
    writeFileSync(copy, `${change(this.lines(file)).join('\n')}\n`);
    return copy;
  }

  copied(name: string): string {
    copyFileSync(this.file, `${this.file}.${name}`);
    return `${this.file}.${name}`;
  }

  /** Asked over the rows, as the command asks. */
  witness(): Promise<Witness> {
    const request = async ({ method, path: target, body }: { method: string; path: string; body?: unknown }) => {
      const told = await this.bed.root(method, target, body);
      const data = parseJson(new TextEncoder().encode(JSON.stringify(told.json.data)));
      return { data };
    };
    return askStore({ request } as unknown as Coffer);
  }

  async verify(files: readonly string[] = [this.file], witness?: Witness, isPart = false): Promise<Verified> {
    const known = witness ?? (await this.witness());
    return new Verification({ io: auditIo, witness: known, isPart, progress: () => {} }).files(files);
  }
}

export const kindsOf = ({ findings }: Verified): readonly string[] => findings.map(({ kind }) => kind);
export const faultsOf = ({ findings }: Verified): readonly string[] =>
  findings.filter(({ isFault }) => isFault).map(({ kind }) => kind);

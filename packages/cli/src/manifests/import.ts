/**
 * Brings found Secrets into the store, a few at a time, each as one change that is compared first. What one of them refuses
 * stops no other. Two that go to one path with different content are both refused: nobody can say which was meant.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import { type Change, changeOf, type Stored } from './change.ts';
import { entriesOf, sameFacts } from './custom-metadata.ts';
import type { Found, FoundSecret } from './found.ts';
import { placeIn } from './place.ts';
import { type Kept, recordOf } from './record.ts';
import type { SecretStore } from './store.ts';

/** Secrets under way at the same time. */
const atOnce = 8;
const progressEvery = 500;

export interface Done {
  readonly path: string;
  readonly source: string;
  readonly change: Change;
}

export interface ImportPlan {
  readonly store: SecretStore;
  readonly template: string;
  readonly dryRun: boolean;
  readonly progress: (done: number, all: number) => void;
}

interface Target {
  readonly path: string;
  readonly source: string;
  readonly record: Kept;
}

const sameRecord = (left: Kept, right: Kept): boolean => {
  const stored: Stored = {
    version: 1,
    data: new Map([...right.values].map(([key, value]) => [key, value.revealText()])),
    facts: right.facts,
  };
  return changeOf(left, stored).action === 'unchanged' && sameFacts(left.facts, right.facts);
};

const targetOf = ({ secret, source }: FoundSecret, template: string): Target => ({
  path: placeIn(template, secret),
  source,
  record: recordOf(secret, source),
});

/** One for each path; those in conflict and those that do not fit are refused. */
export const targetsOf = (found: Found, template: string): readonly Target[] => {
  const byPath = new Map<string, Target>();
  const torn = new Set<string>();
  for (const one of found.secrets) {
    const target = targetOf(one, template);
    const first = byPath.get(target.path);
    if (first === undefined) byPath.set(target.path, target);
    else if (sameRecord(first.record, target.record)) found.skip('Secrets that stand twice, with the same content');
    else {
      if (!torn.has(target.path))
        found.refuse(first.source, `${target.path}: also in ${one.source}, with other content`);
      torn.add(target.path);
      found.refuse(one.source, `${target.path}: also in ${first.source}, with other content`);
    }
  }
  return [...byPath.values()].filter(target => !torn.has(target.path) && fits(target, found));
};

const fits = (target: Target, found: Found): boolean => {
  try {
    entriesOf(target.record.facts);
    return true;
  } catch (error) {
    if (!(error instanceof CofferError)) throw error;
    found.refuse(target.source, `${target.path}: ${error.publicMessage}`);
    return false;
  }
};

/** Mistakes that every other Secret would meet too: the run ends. */
const endsAll: ReadonlySet<string> = new Set([
  'unreachable',
  'sealed',
  'bad_token',
  'request_timeout',
  'not_initialized',
]);

export class Import {
  readonly #plan: ImportPlan;
  readonly #found: Found;
  readonly #done: (Done | undefined)[] = [];
  #count = 0;

  constructor(plan: ImportPlan, found: Found) {
    this.#plan = plan;
    this.#found = found;
  }

  async run(): Promise<readonly Done[]> {
    const targets = targetsOf(this.#found, this.#plan.template);
    let next = 0;
    const worker = async (): Promise<void> => {
      for (let at = next++; at < targets.length; at = next++) {
        const target = targets[at];
        if (target !== undefined) this.#done[at] = await this.#one(target);
        this.#count += 1;
        if (this.#count % progressEvery === 0) this.#plan.progress(this.#count, targets.length);
      }
    };
    await Promise.all(Array.from({ length: Math.min(atOnce, targets.length) }, worker));
    return this.#done.filter(one => one !== undefined);
  }

  async #one(target: Target): Promise<Done | undefined> {
    try {
      return await this.#bring(target);
    } catch (error) {
      if (!(error instanceof CofferError) || endsAll.has(error.code)) throw error;
      this.#found.refuse(target.source, `${this.#plan.store.mount}${target.path}: ${reasonOf(error)}`);
      return undefined;
    }
  }

  async #bring({ path, source, record }: Target): Promise<Done> {
    const { store, dryRun } = this.#plan;
    const stored = await store.read(path);
    const change = changeOf(record, stored);
    if (change.action !== 'unchanged' && !dryRun) await store.write(path, record, { stored, change });
    return { path: store.mount + path, source, change };
  }
}

/** In one line. */
const reasonOf = (error: CofferError): string =>
  error.publicMessage
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '')
    .join(' ');

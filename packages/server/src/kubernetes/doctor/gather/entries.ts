/** What each entry of an ExternalSecret finds in its store. Values are held only until they have been hashed. */
import { CofferError } from '@coffer/schema/errors.ts';
import { near } from '@coffer/schema/near.ts';
import type { Clock } from '../../../contracts/clock.ts';
import type { Log } from '../../../contracts/log.ts';
import { VaultProvider } from '../../../providers/vault/provider.ts';
import type { ExternalSecretSpec } from '../../api/external-secret.ts';
import { ask, entriesOf, type Entry, type Pairs, whereOf } from '../../operator/external-secret/fetch.ts';
import { storeKey } from '../../operator/store/store-key.ts';
import type { Denial, EntryEvidence, EntryFound, JudgePolicies } from '../evidence.ts';
import { policyText } from '../person.ts';
import type { OpenStore } from './store.ts';
import { allowed } from '../allowed.ts';

export interface EntriesLook {
  readonly namespace: string;
  readonly spec: ExternalSecretSpec;
  /** By `storeKey`; those that can be asked. */
  readonly stores: ReadonlyMap<string, OpenStore>;
  readonly clock: Clock;
  readonly log: Log;
  readonly judge: JudgePolicies;
}

export interface EntriesSeen {
  readonly evidence: readonly EntryEvidence[];
  /** Undefined: not all of them could be read. */
  readonly data: ReadonlyMap<string, Uint8Array> | undefined;
}

/** Entries that are asked for at once. */
const atOnceLimit = 32;
/** Policies of a token that are read. */
const policiesLimit = 64;
/** Names told where none is near to what was meant. */
const shownLimit = 8;

interface Opened extends OpenStore {
  readonly provider: VaultProvider;
}

/** What is near, or the first few of what there is. */
const suggestions = (meant: string, names: readonly string[]): readonly string[] => {
  const found = near(meant, names);
  return found.length > 0 ? found : names.slice(0, shownLimit);
};

const wordOf = async (
  { person }: Opened,
  {
    judge,
    policies,
    path,
  }: { readonly judge: JudgePolicies; readonly policies: readonly string[]; readonly path: string },
): Promise<Denial['word']> => {
  if (person === undefined || policies.length > policiesLimit) return undefined;
  const texts = new Map<string, string>();
  for (const name of policies) {
    const text = await policyText(person, name);
    // A policy that was named and never written grants nothing; one that may not be read might say anything.
    if (text === undefined) return undefined;
    texts.set(name, text);
  }
  return allowed(Promise.try(() => judge(texts, path)));
};

const denialOf = async (look: EntriesLook, opened: Opened, path: string): Promise<Denial> => {
  const policies = await allowed(opened.inspector.policies());
  const isPersonKnown = opened.person !== undefined;
  if (policies === undefined) return { policies, word: undefined, isPersonKnown };
  return { policies, word: await wordOf(opened, { judge: look.judge, policies, path }), isPersonKnown };
};

const propertiesOf = async ({ provider }: Opened, { ref }: Entry): Promise<readonly string[] | undefined> => {
  const all = await allowed(provider.readAll({ ...ref, property: undefined }));
  return all === undefined ? undefined : [...all.keys()];
};

/** The key is there where the store knows something about it. */
const absentOf = async ({ provider, inspector, settings }: Opened, { ref }: Entry): Promise<EntryFound> => {
  const about = settings.version === 'v2' && (await allowed(provider.read({ key: ref.key, metadataPolicy: 'Fetch' })));
  if (about !== undefined && about !== false) return { kind: 'absent', isKnown: true, near: [] };
  const names = (await allowed(inspector.beside(ref.key))) ?? [];
  const [path, mount] = [inspector.pathOf(ref.key), settings.path ?? ''];
  const key = ref.key.startsWith(`${mount}/`) ? ref.key.slice(mount.length + 1) : ref.key;
  return {
    kind: 'absent',
    isKnown: false,
    near: suggestions(
      key,
      names.filter(name => !path.endsWith(`/${name}`)),
    ),
  };
};

const failedOf = async (look: EntriesLook, opened: Opened, { entry, cause }: Failed): Promise<EntryFound> => {
  if (!(cause instanceof CofferError)) throw cause;
  const { ref } = entry;
  if (cause.code === 'permission_denied') {
    const denial = await denialOf(look, opened, opened.inspector.pathOf(ref.key));
    // Then it was another path on the way that was denied: the reason names it.
    if (denial.word?.kind !== 'grants') return { kind: 'denied', denial };
  }
  const { property = '' } = ref;
  const properties = property === '' ? undefined : await propertiesOf(opened, entry);
  if (cause.code === 'invalid_request' && properties !== undefined && !properties.includes(property))
    return { kind: 'noProperty', near: suggestions(property, properties), reason: cause.publicMessage };
  return { kind: 'failed', reason: cause.publicMessage };
};

interface Failed {
  readonly entry: Entry;
  readonly cause: unknown;
}

interface Answered {
  readonly found: EntryFound;
  readonly pairs: Pairs;
}

const answerOf = async (look: EntriesLook, opened: Opened, entry: Entry): Promise<Answered> => {
  try {
    const pairs = await ask(opened, entry);
    if (pairs !== undefined) return { found: { kind: 'there' }, pairs };
    return { found: await absentOf(opened, entry), pairs: [] };
  } catch (cause) {
    return { found: await failedOf(look, opened, { entry, cause }), pairs: [] };
  }
};

const providersOf = (look: EntriesLook): ReadonlyMap<string, Opened> =>
  new Map(
    [...look.stores].map(([key, open]) => {
      const { clock, log } = look;
      return [key, { ...open, provider: new VaultProvider(open.settings, { runtime: open.runtime, clock, log }) }];
    }),
  );

const pathOf = ({ inspector }: Opened, { ref }: Entry): string => {
  try {
    return inspector.pathOf(ref.key);
  } catch {
    // Reading it says what is wrong with it.
    return ref.key;
  }
};

export const lookAtEntries = async (look: EntriesLook): Promise<EntriesSeen> => {
  const entries = entriesOf(look);
  const opened = providersOf(look);
  const evidence: EntryEvidence[] = [];
  const data = new Map<string, Uint8Array>();
  for (let first = 0; first < entries.length; first += atOnceLimit) {
    const some = entries.slice(first, first + atOnceLimit).flatMap(entry => {
      const store = opened.get(storeKey(entry.store));
      return store === undefined ? [] : [{ entry, store }];
    });
    const answers = await Promise.all(some.map(({ entry, store }) => answerOf(look, store, entry)));
    for (const [i, { found, pairs }] of answers.entries()) {
      const { entry, store } = some[i] as (typeof some)[number];
      evidence.push({ where: whereOf(entry), store: entry.store, path: pathOf(store, entry), found });
      for (const [key, value] of pairs) data.set(key, value);
    }
  }
  await Promise.all([...opened.values()].map(({ provider }) => provider.close()));
  const isWhole = evidence.length === entries.length && evidence.every(({ found }) => found.kind === 'there');
  return { evidence, data: isWhole ? data : undefined };
};

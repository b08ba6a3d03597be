/** Whether each entry finds what it asks for. Pure. */
import { storeKey } from '../../operator/store/store-key.ts';
import type { Denial, EntryEvidence, EntryFound, Evidence, PolicyWord } from '../evidence.ts';
import { type Finding, findingsOf } from '../finding.ts';
import { quoted } from '../phrases.ts';
import { personHint } from './store.ts';

type Words = readonly [found: string, todo?: string | undefined];

const fromPolicy: { readonly [K in PolicyWord['kind']]: (word: PolicyWord, path: string) => Words } = {
  denies: ({ rule, policies }, path) => [
    `policy ${quoted(policies)} denies ${path} (rule "${rule}")`,
    `take the denial out of it: coffer policy read ${policies[0] ?? ''}`,
  ],
  lacks: ({ rule, policies }, path) => [
    `policy ${quoted(policies)} has a rule for ${path} ("${rule}") without "read"`,
    `add "read" to it: coffer policy read ${policies[0] ?? ''}`,
  ],
  silent: ({ policies }, path) => [
    `no policy of the token grants ${path}; it has ${quoted(policies)}`,
    `add to one of them: path "${path}" { capabilities = ["read"] }`,
  ],
  grants: ({ policies }, path) => [
    `${path} is refused though policy ${quoted(policies)} grants it by now`,
    'try again',
  ],
};

const denied = ({ policies, word }: Denial, path: string, hint: string): Words => {
  if (word !== undefined) return fromPolicy[word.kind](word, path);
  const held = policies === undefined ? '' : `; the token has ${quoted(policies)}`;
  return [`the store denies ${path}${held}`, hint];
};

const nearWords = (near: readonly string[]): string => (near.length === 0 ? '' : `; there is ${quoted(near)}`);

const wordsOf = ({ found, path }: EntryEvidence, hint: string): Words => {
  const words: { readonly [K in EntryFound['kind']]: (found: Extract<EntryFound, { kind: K }>) => Words } = {
    there: () => ['it is there'],
    absent: ({ isKnown, near }) =>
      isKnown
        ? [
            `this version of ${path} is deleted`,
            'bring it back (coffer kv undelete -versions=N), write it anew (coffer kv put), or name another as remoteRef.version',
          ]
        : [`nothing is stored at ${path}${nearWords(near)}`, 'correct remoteRef.key, or write it: coffer kv put'],
    noProperty: ({ near }) => [
      `${path} is there and has no such property; it has ${quoted(near) || 'none'}`,
      'correct remoteRef.property of the ExternalSecret',
    ],
    denied: ({ denial }) => denied(denial, path, denial.isPersonKnown ? 'ask who writes the policies' : hint),
    failed: ({ reason }) => [reason],
  };
  return (words[found.kind] as (one: EntryFound) => Words)(found);
};

const findingOf = (evidence: Evidence, entry: EntryEvidence): Finding => {
  const store = evidence.stores.find(({ name }) => storeKey(name) === storeKey(entry.store));
  const say = findingsOf('entry', entry.where);
  const [found, todo] = wordsOf(entry, store === undefined ? '' : personHint(store));
  return entry.found.kind === 'there' ? say.ok(found) : say.stops(found, todo);
};

/** Entries that are shown one by one where nothing is wrong with them. */
const shownLimit = 5;

const isThere = ({ found }: EntryEvidence): boolean => found.kind === 'there';

export const entries = (evidence: Evidence): readonly Finding[] => {
  const fine = evidence.entries.filter(isThere);
  if (fine.length <= shownLimit) return evidence.entries.map(entry => findingOf(evidence, entry));
  const rest = evidence.entries.filter(entry => !isThere(entry));
  const sum = findingsOf('entry', 'entries').ok(`${fine.length} of ${evidence.entries.length} are there`);
  return [sum, ...rest.map(entry => findingOf(evidence, entry))];
};

/** Whether the store can be used from the namespace, is there, is open, and lets the login in. Pure. */
import { near } from '@coffer/schema/near.ts';
import { readyCondition } from '../../operator/external-secret/status.ts';
import { configured } from '../../operator/store/check-store.ts';
import { storeWords } from '../../operator/store/store-key.ts';
import type { Evidence, LoginSeen, StatusSeen, StoreEvidence } from '../evidence.ts';
import { type Finding, findingsOf } from '../finding.ts';
import { agoText, quoted, timeIn } from '../phrases.ts';
import { grantFor, unseen, valueOf } from '../seen.ts';

type StoreCheck = (evidence: Evidence, store: StoreEvidence) => readonly Finding[];

const at = ({ name }: StoreEvidence): string => (name.namespace === '' ? '' : ` -n ${name.namespace}`);
const edit = (store: StoreEvidence): string =>
  `kubectl edit ${store.name.kind.toLowerCase()} ${store.name.name}${at(store)}`;

const thereCheck: StoreCheck = ({ user }, store) => {
  const { object, name, names } = store;
  const say = findingsOf('store', storeWords(name));
  if (object.kind === 'there') return [];
  if (object.kind !== 'absent')
    return [say.unknown(`${unseen(object)}: the store is not looked at`, grantFor(object, user))];
  const alike = near(name.name, names);
  const hint = alike.length > 0 ? `near to it: ${quoted(alike)}` : `there are ${quoted(names) || 'none'}`;
  return [say.stops(`it is not there; ${hint}`, 'correct secretStoreRef of the ExternalSecret, or make the store')];
};

const configuredCheck: StoreCheck = (_, store) => {
  const seen = valueOf(store.object);
  if (seen === undefined) return [];
  const say = findingsOf('store', storeWords(store.name));
  const found = configured(seen.read);
  return 'vault' in found ? [] : [say.stops(found.outcome.message, edit(store))];
};

/** The class that operators act on unless they are told another. */
const usualClass = 'default';

const classCheck: StoreCheck = ({ nowMs }, store) => {
  const read = valueOf(store.object)?.read;
  const controller = read !== undefined && 'spec' in read ? (read.spec.controller ?? '') : '';
  if (controller === '' || controller === usualClass) return [];
  const say = findingsOf('store', storeWords(store.name));
  const text = `only an operator started with -controller-class=${controller} acts on it (spec.controller)`;
  if (saidBy(store, nowMs)?.ready.status === 'True') return [say.ok(`${text}; one has`)];
  return [say.warning(text, `start one, or ${edit(store)}`, 'suspect')];
};

const usableCheck: StoreCheck = (_, store) => {
  const say = findingsOf('store', storeWords(store.name));
  return store.refusal === undefined
    ? []
    : [say.stops(store.refusal, `kubectl edit clustersecretstore ${store.name.name}  (spec.conditions)`)];
};

const saidBy = (store: StoreEvidence, nowMs: number) => {
  const object = valueOf(store.object)?.object;
  const ready = object === undefined ? undefined : readyCondition(object);
  const sinceMs = timeIn(ready?.lastTransitionTime);
  const since = sinceMs === undefined ? '' : ` since ${agoText(sinceMs, nowMs)}`;
  return ready === undefined ? undefined : { ready, words: `${ready.reason}${since}: ${ready.message}` };
};

const conditionCheck: StoreCheck = ({ nowMs }, store) => {
  if (valueOf(store.object) === undefined) return [];
  const say = findingsOf('store', `condition of ${storeWords(store.name)}`);
  const said = saidBy(store, nowMs);
  if (said === undefined) return [say.warning('it has none: no operator has looked at it yet')];
  if (said.ready.status === 'False') return [say.warning(`not ready, ${said.words}`, undefined, 'suspect')];
  return [said.ready.status === 'True' ? say.ok(said.words) : say.unknown(said.words)];
};

const credentialsCheck: StoreCheck = ({ user }, store) =>
  store.credentials.map(({ field, words, object }): Finding => {
    const say = findingsOf('store', `${field} of ${storeWords(store.name)}`);
    if (object.kind === 'there') return say.ok(`${words} is there`);
    if (object.kind === 'absent') return say.stops(`${words} is not there`, `make it, or ${edit(store)}`);
    return say.unknown(`${words}: ${unseen(object)}`, grantFor(object, user));
  });

/** Where it cannot be reached from here, the operator may be nearer to it. */
const silent = (evidence: Evidence, store: StoreEvidence, reason: string): Finding => {
  const say = findingsOf('store', store.address);
  const said = saidBy(store, evidence.nowMs);
  if (said?.ready.status === 'True') {
    const text = `from here: ${reason}; the operator reaches it (${said.words})`;
    return say.unknown(text, 'run this where the store can be reached, such as in a pod of the cluster');
  }
  const operatorsWord = said === undefined ? '' : `; the operator says: ${said.words}`;
  return say.stops(
    `${reason}${operatorsWord}`,
    'look at spec.provider.vault.server, its certificates, the network, and whether it runs',
  );
};

const openWords = ({ status: { version } }: Extract<StatusSeen, { kind: 'answered' }>): string =>
  `it answers and is open${version === '' ? '' : ` (version ${version})`}`;

const statusCheck: StoreCheck = (evidence, store) => {
  const found = store.status;
  if (found === undefined) return [];
  if (found.kind === 'silent') return [silent(evidence, store, found.reason)];
  const say = findingsOf('store', store.address);
  const address = `-address=${store.address}`;
  if (!found.status.initialized) return [say.stops('the store has no keys yet', `coffer operator init ${address}`)];
  if (!found.status.sealed) return [say.ok(openWords(found))];
  const said = saidBy(store, evidence.nowMs);
  const seenBy = said?.ready.status === 'False' ? `; the operator: ${said.words}` : '';
  const todo = found.status.opensByItself
    ? 'start its server anew, and look into its log: the seal opens by itself when the server starts'
    : `coffer operator unseal ${address}`;
  return [say.stops(`the store is sealed${seenBy}`, todo)];
};

/** How whoever asks can be told more. */
export const personHint = (store: StoreEvidence): string =>
  `with COFFER_ADDR=${store.address} and a token in COFFER_TOKEN that may know, this says more`;

const refusedLogin = (store: StoreEvidence, login: Extract<LoginSeen, { kind: 'refused' }>): Finding => {
  const say = findingsOf('login', storeWords(store.name));
  const { reason, bound, words, isPersonKnown } = login;
  if (bound === undefined) return say.stops(reason, isPersonKnown ? edit(store) : personHint(store));
  const found = `the login ${words} is refused by ${bound.bound}: ${bound.because}`;
  return say.stops(found, `correct the role, or the ServiceAccount of the store: ${edit(store)}`);
};

const loginCheck: StoreCheck = (evidence, store) => {
  const { login } = store;
  if (login === undefined) return [];
  const say = findingsOf('login', storeWords(store.name));
  if (login.kind === 'works') return [say.ok(`it works, ${login.words}`)];
  if (login.kind === 'refused') return [refusedLogin(store, login)];
  const said = saidBy(store, evidence.nowMs);
  const relied = said === undefined ? 'the operator has said nothing' : `the operator says: ${said.words}`;
  return [say.unknown(`it was not tried: ${login.reason}; ${relied}`, login.todo)];
};

/** In this order for each store. */
const storeChecks: readonly StoreCheck[] = [
  thereCheck,
  configuredCheck,
  classCheck,
  usableCheck,
  conditionCheck,
  credentialsCheck,
  statusCheck,
  loginCheck,
];

export const stores = (evidence: Evidence): readonly Finding[] =>
  evidence.stores.flatMap(store => storeChecks.flatMap(check => check(evidence, store)));

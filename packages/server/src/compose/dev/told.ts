/** What `coffer dev` says: what it did, object by object, how each goes again, and what to try. Pure. */
import type { Done, Outcome } from './cluster.ts';
import { kvMount, storeName } from './names.ts';
import { shownName } from './objects.ts';
import type { StoreDone } from './store.ts';

const words: { readonly [O in Outcome]: string } = {
  made: 'made',
  changed: 'changed',
  kept: 'as it was',
  left: 'not ours',
  removed: 'removed',
};

const wordWidth = Math.max(...Object.values(words).map(word => word.length));
const nameWidth = 62;

const line = (outcome: Outcome, name: string, undo: string): string => {
  const shown = `    ${words[outcome].padEnd(wordWidth)}  ${name}`;
  return outcome === 'left' || outcome === 'removed' ? `${shown}\n` : `${shown.padEnd(nameWidth)}  undo: ${undo}\n`;
};

export const storeLine = ({ outcome, name, undo }: StoreDone): string => line(outcome, name, undo);

const former = (address: string | undefined): string =>
  address === undefined
    ? ''
    : `               it named the store at ${address}: what is read by it comes from this one now; if that one still runs, stop it\n`;

export const clusterLine = ({ outcome, one, formerAddress }: Done): string =>
  `${line(outcome, shownName(one), `kubectl delete ${shownName(one)}`)}${former(formerAddress)}`;

/** As one word of a shell. */
export const quoted = (text: string): string =>
  /^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

export interface Where {
  readonly address: string;
  readonly kubeconfig: string;
  readonly context: string;
  /** Of the store's root. */
  readonly tokenFile: string;
}

export const undoAll = ({ kubeconfig, context }: Pick<Where, 'kubeconfig' | 'context'>, folder: string): string =>
  `To take all of it away: coffer dev -clean -kubeconfig=${quoted(kubeconfig)} -context=${quoted(context)} -data=${quoted(folder)}\n`;

/** Runs as it stands. */
export const tryThis = ({ address, kubeconfig, context, tokenFile }: Where): string => `
Try this, in another terminal (in a clone of the repository, coffer is npx coffer):

export COFFER_ADDR=${address} COFFER_TOKEN="$(cat ${quoted(tokenFile)})" KUBECONFIG=${quoted(kubeconfig)}
coffer kv put ${kvMount}/demo password=first
kubectl --context=${quoted(context)} apply -f - <<'EOF'
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata:
  name: demo
  namespace: default
spec:
  secretStoreRef:
    kind: ClusterSecretStore
    name: ${storeName}
  dataFrom:
    - extract:
        key: demo
EOF
kubectl --context=${quoted(context)} get externalsecret,secret demo
coffer kv put ${kvMount}/demo password=second   # and look again: the Secret has followed

`;

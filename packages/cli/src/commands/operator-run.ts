/**
 * `operator` by itself: runs the operator in a cluster. The name is a group as well; nobody who only looked for that should
 * find something running in his cluster, so outside of one it starts only where a kubeconfig is named.
 */
import { type Command, command, type Group } from '../command.ts';

const note =
  'With -kubeconfig=PATH, or by itself in a pod of a cluster, "coffer operator" makes Kubernetes Secrets of what lies in\n' +
  'stores and keeps them in step; "coffer operator -kubeconfig=PATH -help" lists its flags.';

const isInCluster = (env: (name: string) => string | undefined): boolean =>
  (env('KUBERNETES_SERVICE_HOST') ?? '') !== '';
const isHelp = (word: string): boolean => /^--?(?:h|help)$/.test(word);
const namesCluster = (word: string): boolean => /^--?kubeconfig(?:=|$)/.test(word);

export const operatorGroup: Group = {
  name: 'operator',
  summary: 'Initialise, seal and rotate the store',
  note,
  starts: (args, env) => {
    if (args.some(namesCluster)) return true;
    return isInCluster(env) && args.every(word => word.startsWith('-')) && !args.some(isHelp);
  },
};

export const operatorRunCommands: readonly Command[] = [
  command({
    name: 'operator',
    args: '-kubeconfig=PATH [-context=NAME]',
    summary: 'Initialise, seal and rotate the store; with -kubeconfig: keep Kubernetes Secrets in step',
    passes: true,
    run: cx => cx.io.operator(cx.args.map(word => (isHelp(word) ? '-help' : word))),
  }),
  command({
    name: 'operator manifests',
    args: '[-namespace=NAME] [-image=IMAGE]',
    summary: 'Print what installs the operator in a cluster, for kubectl apply --server-side -f -',
    passes: true,
    run: cx => cx.io.operatorManifests(cx.args.map(word => (isHelp(word) ? '-help' : word))),
  }),
];

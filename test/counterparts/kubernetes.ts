/**
 * A Kubernetes control plane as local programs: etcd, kube-apiserver, kube-controller-manager, kubectl. `path` is the
 * folder that holds them: the one KUBEBUILDER_ASSETS names, or else one in the cache that they are built into.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Counterpart } from './counterpart.ts';
import { buildTools, type GoTools, getGo, locateTools } from './go.ts';

const version = '1.36.3';
const [major, minor] = version.split('.');

const stamps = {
  gitVersion: `v${version}`,
  gitMajor: major,
  gitMinor: minor,
  gitTreeState: 'clean',
  buildDate: '1970-01-01T00:00:00Z',
};

const tools: GoTools = {
  name: `kubernetes-${version}`,
  module: path.join(import.meta.dirname, 'kubernetes'),
  programs: {
    etcd: 'go.etcd.io/etcd/server/v3',
    'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
    'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
    kubectl: 'k8s.io/kubernetes/cmd/kubectl',
  },
  linkerFlags: Object.entries(stamps)
    .map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`)
    .join(' '),
};

const lacking = (folder: string): readonly string[] =>
  Object.keys(tools.programs).filter(program => !existsSync(path.join(folder, program)));

const given = (folder: string): Counterpart => ({
  name: `Kubernetes in KUBEBUILDER_ASSETS (${folder})`,
  getIt: `That folder lacks ${lacking(folder).join(', ')}: put it there, or unset the variable so that \`npm test\` builds all of them.`,
  locate: () => (lacking(folder).length === 0 ? folder : undefined),
});

const built: Counterpart = {
  name: `Kubernetes ${version}`,
  getIt: `${getGo}, or set KUBEBUILDER_ASSETS to a folder with ${Object.keys(tools.programs).join(', ')}; then run \`npm test\` again.`,
  locate: cache => locateTools(tools, cache),
  install: {
    what: `built from Go modules, checked against their hashes; takes about 5 minutes once, 5 GB of disk meanwhile and 290 MB after`,
    run: (cache, say) => buildTools(tools, cache, say),
  },
};

/** `assets` is the value of KUBEBUILDER_ASSETS. */
export const kubernetesFrom = (assets: string | undefined): Counterpart =>
  assets === undefined || assets === '' ? built : given(path.resolve(assets));

export const kubernetes: Counterpart = kubernetesFrom(process.env['KUBEBUILDER_ASSETS']);

/** What the three programs of a control plane are told. `folder` holds the keys that `makePki` has left there. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from './processes.ts';

export interface Plan {
  readonly programs: string;
  readonly folder: string;
  readonly etcdPort: number;
  readonly serverPort: number;
  /** Added to kube-apiserver's own. */
  readonly serverFlags: readonly string[];
}

const controllers = [
  'serviceaccount-controller',
  'serviceaccount-token-controller',
  'legacy-serviceaccount-token-cleaner-controller',
  'namespace-controller',
  'garbage-collector-controller',
  'root-ca-certificate-publisher-controller',
  'deployment-controller',
  'replicaset-controller',
  'statefulset-controller',
  'daemonset-controller',
  'job-controller',
  'cronjob-controller',
  'certificatesigningrequest-approving-controller',
  'certificatesigningrequest-signing-controller',
  'disruption-controller',
  'clusterrole-aggregation-controller',
];

export const issuer = 'https://kubernetes.default.svc.cluster.local';

const flags = (values: { readonly [name: string]: string | number }): readonly string[] =>
  Object.entries(values).map(([name, value]) => `--${name}=${value}`);

export const etcdProgram = ({ programs, folder, etcdPort }: Plan): Command => {
  const client = `http://127.0.0.1:${etcdPort}`;
  const args = flags({
    name: 'one',
    'data-dir': path.join(folder, 'etcd'),
    'listen-client-urls': client,
    'advertise-client-urls': client,
    'listen-peer-urls': 'http://127.0.0.1:0',
    'log-level': 'warn',
  });
  return {
    program: path.join(programs, 'etcd'),
    args: [...args, '--unsafe-no-fsync'],
    log: path.join(folder, 'etcd.log'),
  };
};

export const serverProgram = ({ programs, folder, etcdPort, serverPort, serverFlags }: Plan): Command => {
  const at = (file: string): string => path.join(folder, file);
  const args = flags({
    'etcd-servers': `http://127.0.0.1:${etcdPort}`,
    'bind-address': '127.0.0.1',
    'advertise-address': '127.0.0.1',
    'secure-port': serverPort,
    'endpoint-reconciler-type': 'none',
    'tls-cert-file': at('server.crt'),
    'tls-private-key-file': at('server.key'),
    'client-ca-file': at('ca.crt'),
    'service-account-issuer': issuer,
    'api-audiences': issuer,
    'service-account-key-file': at('tokens.pub'),
    'service-account-signing-key-file': at('tokens.key'),
    'authorization-mode': 'Node,RBAC',
    'enable-admission-plugins': 'NodeRestriction',
    'allow-privileged': 'true',
    'service-cluster-ip-range': '10.0.0.0/16',
    'requestheader-client-ca-file': at('front-proxy-ca.crt'),
    'requestheader-allowed-names': 'front-proxy',
    'requestheader-username-headers': 'X-Remote-User',
    'requestheader-group-headers': 'X-Remote-Group',
    'requestheader-extra-headers-prefix': 'X-Remote-Extra-',
    'proxy-client-cert-file': at('front-proxy.crt'),
    'proxy-client-key-file': at('front-proxy.key'),
    'audit-policy-file': at('audit-policy.json'),
    'audit-log-path': at('audit.log'),
    profiling: 'false',
    'shutdown-delay-duration': '0s',
  });
  return {
    program: path.join(programs, 'kube-apiserver'),
    args: [...args, ...serverFlags],
    log: at('kube-apiserver.log'),
  };
};

export const controllerProgram = ({ programs, folder }: Plan): Command => {
  const at = (file: string): string => path.join(folder, file);
  const args = flags({
    kubeconfig: at('controllers.kubeconfig'),
    'leader-elect': 'false',
    'use-service-account-credentials': 'true',
    'service-account-private-key-file': at('tokens.key'),
    'root-ca-file': at('ca.crt'),
    'cluster-signing-cert-file': at('ca.crt'),
    'cluster-signing-key-file': at('ca.key'),
    'secure-port': 0,
    'concurrent-gc-syncs': 20,
    controllers: controllers.join(','),
  });
  const program = path.join(programs, 'kube-controller-manager');
  return { program, args, log: at('kube-controller-manager.log') };
};

/** JSON, which is YAML as well. */
export const writeAuditPolicy = (folder: string): void => {
  const policy = {
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    omitStages: ['RequestReceived'],
    rules: [{ level: 'Metadata' }],
  };
  writeFileSync(path.join(folder, 'audit-policy.json'), JSON.stringify(policy));
};

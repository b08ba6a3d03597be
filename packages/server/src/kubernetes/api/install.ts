/** Everything that the operator is in a cluster: the kinds, its rights, its pods. As a table; nothing is sent. */
import type { KubeObject } from '../../contracts/kube.ts';
import { crds } from './crds.ts';
import { operatorRoles } from './rbac.ts';
import { apiVersionOf, resources } from './resources.ts';

export interface Installation {
  readonly namespace: string;
  readonly image: string;
}

const name = 'coffer-operator';
const labels = { 'app.kubernetes.io/name': name };
const rbac = 'rbac.authorization.k8s.io';
const ports = { health: 8081, metrics: 8080 };

const namespaceOf = ({ namespace }: Installation): KubeObject => ({
  apiVersion: apiVersionOf(resources.namespace),
  kind: resources.namespace.kind,
  // The strictest profile: the pods below need nothing that it forbids.
  metadata: { name: namespace, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
});

const accountOf = ({ namespace }: Installation): KubeObject => ({
  apiVersion: apiVersionOf(resources.serviceAccount),
  kind: resources.serviceAccount.kind,
  metadata: { name, namespace, labels },
});

const bindingOf = (role: KubeObject, { namespace }: Installation): KubeObject => ({
  apiVersion: `${rbac}/v1`,
  kind: `${role.kind}Binding`,
  metadata: role.kind === 'Role' ? { name, namespace, labels } : { name, labels },
  roleRef: { apiGroup: rbac, kind: role.kind, name: role.metadata.name },
  subjects: [{ kind: 'ServiceAccount', name, namespace }],
});

const placed = (role: KubeObject, { namespace }: Installation): KubeObject =>
  role.kind === 'Role' ? { ...role, metadata: { ...role.metadata, namespace } } : role;

const probe = (path: string) => ({ httpGet: { path, port: 'health' } });

const container = ({ image }: Installation) => ({
  name: 'operator',
  image,
  args: ['operator', `-health-address=0.0.0.0:${ports.health}`, `-metrics-address=0.0.0.0:${ports.metrics}`],
  env: [{ name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
  ports: Object.entries(ports).map(([port, containerPort]) => ({ name: port, containerPort })),
  livenessProbe: { ...probe('/healthz'), periodSeconds: 20, failureThreshold: 6 },
  readinessProbe: { ...probe('/readyz'), periodSeconds: 5 },
  resources: { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '512Mi' } },
  securityContext: {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  },
});

/** One works, the other waits for its Lease: where the first one's node goes, seconds pass and not minutes. */
const replicas = 2;
const userId = 65_532;

const spread = {
  topologyKey: 'kubernetes.io/hostname',
  maxSkew: 1,
  whenUnsatisfiable: 'ScheduleAnyway',
  labelSelector: { matchLabels: labels },
};

const deploymentOf = (installation: Installation): KubeObject => ({
  apiVersion: apiVersionOf(resources.deployment),
  kind: resources.deployment.kind,
  metadata: { name, namespace: installation.namespace, labels },
  spec: {
    replicas,
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: {
        serviceAccountName: name,
        // Half of it is what the operator takes to end what is under way.
        terminationGracePeriodSeconds: 30,
        securityContext: {
          runAsNonRoot: true,
          runAsUser: userId,
          runAsGroup: userId,
          seccompProfile: { type: 'RuntimeDefault' },
        },
        topologySpreadConstraints: [spread],
        containers: [container(installation)],
      },
    },
  },
});

/** Without the definitions of the kinds. In the order in which they can be made. */
export const operatorObjects = (installation: Installation): readonly KubeObject[] => {
  const roles = operatorRoles();
  return [
    namespaceOf(installation),
    accountOf(installation),
    ...roles.map(role => placed(role, installation)),
    ...roles.map(role => bindingOf(role, installation)),
    deploymentOf(installation),
  ];
};

export const installObjects = (installation: Installation): readonly KubeObject[] => [
  ...crds(),
  ...operatorObjects(installation),
];

export const installDefaults: Installation = Object.freeze({ namespace: 'coffer-system', image: 'coffer:0.1.0' });

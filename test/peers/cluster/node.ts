/** A node as a kubelet registers it, ready and with room. */
import type { Api } from './api.ts';

export const makeNode = async (api: Api, name: string): Promise<void> => {
  const room = { cpu: '64', memory: '256Gi', pods: '10000' };
  const body = { metadata: { name, labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux' } } };
  const made = await api.call('/api/v1/nodes', { method: 'POST', body });
  if (made.status !== 201 && made.status !== 409) throw new Error(`node ${name}: ${String(made.body['message'])}`);
  const conditions = [{ type: 'Ready', status: 'True', reason: 'KubeletReady' }];
  const status = { conditions, capacity: room, allocatable: room };
  await api.ask(`/api/v1/nodes/${name}/status`, { method: 'PATCH', body: { status } });
  // Admission taints every new node until its controller sees it ready, and that controller does not run here.
  await api.ask(`/api/v1/nodes/${name}`, { method: 'PATCH', body: { spec: { taints: null } } });
};

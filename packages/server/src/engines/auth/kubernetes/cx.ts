/** What the Kubernetes auth method is given, and the rows that take it. */
import { rowsFor } from '@coffer/schema/row.ts';
import type { Cx } from '../../../contracts/engine.ts';

export const kubernetesNeeds = ['storage', 'clock', 'http', 'jwt', 'pod', 'yaml'] as const;
export type KubernetesCx = Cx<(typeof kubernetesNeeds)[number]>;
export const rows = rowsFor<KubernetesCx>();

/** CPU time of the three programs, and requests of the operator, from one moment to another. */
import type { AuditEvent } from '../../peers/cluster/cluster.ts';
import { cpuMicroseconds } from '../process-usage.ts';
import type { Place } from './place.ts';

export interface CpuSeconds {
  readonly operator: number;
  readonly store: number;
  readonly apiServer: number;
}

export interface Used {
  readonly cpu: CpuSeconds;
  /** `create secrets`, `patch externalsecrets/status` → how often. */
  readonly requests: { readonly [what: string]: number };
}

const operatorAgent = 'coffer-operator';

const cpuOf = ({ bed, operator }: Place): CpuSeconds => ({
  operator: cpuMicroseconds(operator().pid) / 1e6,
  store: cpuMicroseconds(bed.store.pid()) / 1e6,
  apiServer: cpuMicroseconds(bed.cluster.apiServer.pid()) / 1e6,
});

const whatOf = ({ verb, objectRef }: AuditEvent): string =>
  `${verb} ${[objectRef?.resource ?? 'other', objectRef?.subresource].filter(Boolean).join('/')}`;

/** The API server's audit log tells them. */
const requestsOf = ({ bed }: Place): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const event of bed.cluster.audit()) {
    if (event.userAgent !== operatorAgent || event.stage !== 'ResponseComplete') continue;
    const what = whatOf(event);
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  return counts;
};

/** Answers a function that tells what has been used since. */
export const beginUsage = (place: Place): (() => Used) => {
  const requestsBefore = requestsOf(place);
  const before = cpuOf(place);
  return () => {
    const after = cpuOf(place);
    const requests = [...requestsOf(place)].flatMap(([what, count]) => {
      const since = count - (requestsBefore.get(what) ?? 0);
      return since > 0 ? [[what, since] as const] : [];
    });
    return {
      cpu: {
        operator: after.operator - before.operator,
        store: after.store - before.store,
        apiServer: after.apiServer - before.apiServer,
      },
      requests: Object.fromEntries(requests),
    };
  };
};

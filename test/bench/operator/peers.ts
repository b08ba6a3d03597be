/** External Secrets Operator 2.9, measured once, on two cores, on the same control plane and with 1,000 ExternalSecrets. */
import type { PhaseName } from './phases.ts';

export interface PeerFigures {
  readonly name: string;
  readonly seconds: { readonly [P in PhaseName]: number };
  readonly peakMiB: number;
  /** Seconds, operator / API server. */
  readonly cpu: string;
  /** Set-ups of ours that are compared with it. */
  readonly like: readonly string[];
}

const product = 'External Secrets Operator 2.9';

export const peers: readonly PeerFigures[] = [
  {
    name: `${product}, defaults`,
    seconds: { create: 100.7, recreate: 99.9, repair: 101.6 },
    peakMiB: 154,
    cpu: '8 / 23',
    like: ['kubernetes auth', 'token auth'],
  },
  {
    name: `${product}, concurrency 10, QPS 1000, kubernetes auth`,
    seconds: { create: 15.6, recreate: 14.1, repair: 13.9 },
    peakMiB: 234,
    cpu: '5 / 14',
    like: ['kubernetes auth'],
  },
  {
    name: `${product}, concurrency 10, QPS 1000, token auth`,
    seconds: { create: 12.6, recreate: 11.4, repair: 12.4 },
    peakMiB: 243,
    cpu: '5 / 13',
    like: ['token auth'],
  },
];

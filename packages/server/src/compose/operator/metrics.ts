/** What the operator counts, under the names that dashboards of External Secrets Operator know. */
import type { Family, Sample } from '../../core/metrics/family.ts';
import { prometheusText } from '../../core/metrics/prometheus.ts';
import type { Settled, SyncObserver } from '../../kubernetes/operator/operator.ts';

interface Counted {
  readonly calls: number;
  readonly errors: number;
  readonly ready: 'True' | 'False';
  readonly lastMs: number;
}

type Labels = readonly (readonly [string, string])[];
const nanosecondsOfMs = 1_000_000;

const labelsOf = (key: string): Labels => {
  const [namespace = '', name = ''] = key.split('/');
  return [
    ['name', name],
    ['namespace', namespace],
  ];
};

const readyLabels = (key: string, status: string): Labels => [
  ...labelsOf(key),
  ['condition', 'Ready'],
  ['status', status],
];

/** As many as there are ExternalSecrets. */
export class OperatorMetrics implements SyncObserver {
  readonly #counted = new Map<string, Counted>();

  settled(key: string, { status, tookMs }: Settled): void {
    const { calls = 0, errors = 0 } = this.#counted.get(key) ?? {};
    const failed = status === 'False' ? 1 : 0;
    this.#counted.set(key, { calls: calls + 1, errors: errors + failed, ready: status, lastMs: tookMs });
  }

  gone(key: string): void {
    this.#counted.delete(key);
  }

  text(): string {
    const each = (value: (one: Counted) => number): readonly Sample[] =>
      [...this.#counted].map(([key, one]) => ({ labels: labelsOf(key), value: value(one) }));
    const families: readonly Family[] = [
      {
        name: 'externalsecret_sync_calls_total',
        help: 'How often an ExternalSecret was brought in step, or could not be',
        type: 'counter',
        samples: each(({ calls }) => calls),
      },
      {
        name: 'externalsecret_sync_calls_error',
        help: 'How often that failed',
        type: 'counter',
        samples: each(({ errors }) => errors),
      },
      {
        name: 'externalsecret_reconcile_duration',
        help: 'How long the last time took, in nanoseconds',
        type: 'gauge',
        samples: each(({ lastMs }) => Math.round(lastMs * nanosecondsOfMs)),
      },
      {
        name: 'externalsecret_status_condition',
        help: 'The condition that an ExternalSecret is in: 1',
        type: 'gauge',
        samples: [...this.#counted].flatMap(([key, { ready }]) =>
          ['True', 'False'].map(status => ({ labels: readyLabels(key, status), value: status === ready ? 1 : 0 })),
        ),
      },
    ];
    return prometheusText(families);
  }
}

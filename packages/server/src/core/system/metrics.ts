/** The row `sys/metrics`. */
import { CofferError } from '@coffer/schema/errors.ts';
import { t } from '@coffer/schema/fields/t.ts';
import { Reply } from '@coffer/schema/row.ts';
import { families } from '../metrics/families.ts';
import { metricsJson } from '../metrics/json.ts';
import { prometheusText, prometheusType } from '../metrics/prometheus.ts';
import { read, type SystemCx } from './context.ts';

const text = new TextEncoder();

/** A scraper says by its header what it reads. */
const wantsPrometheus = ({ exchange }: SystemCx, format: string): boolean => {
  if (format === 'prometheus') return true;
  if (format !== '') throw new CofferError('invalid_request', 'metric response format unknown: expected prometheus');
  const accepted = exchange.wire.headers.get('accept') ?? '';
  return accepted.includes('application/openmetrics-text') || accepted.includes('version=0.0.4');
};

export const metricRows = [
  read(
    'metrics',
    {
      summary: 'Show counts and gauges of this server',
      description:
        'In the text format of Prometheus with `format=prometheus`, or where the `Accept` header asks for it; as JSON otherwise. Labels are mounts, operations and classes of status, nothing that callers send.',
      answer: 'bare',
      rootNamespaceOnly: true,
      openable: 'metrics',
      headers: ['accept'],
      in: { format: t.string('prometheus; JSON where it is left out', { default: '' }) },
      out: {
        Timestamp: t.string('When it was asked'),
        Gauges: t.raw('What is so now'),
        Counters: t.raw('What was counted since the server started'),
        Samples: t.raw('What was measured since the server started: count, sum and mean'),
      },
    },
    async (cx, { format }) => {
      const { core } = cx;
      const isText = wantsPrometheus(cx, format);
      const all = families(core, await core.usage.current());
      if (!isText) return new Reply(metricsJson(all, core.clock.now()));
      const bytes = text.encode(prometheusText(all));
      return new Reply(undefined, { raw: { contentType: prometheusType, bytes } });
    },
  ),
];

/** Keys of the top-level `telemetry`: metrics are always kept and asked for, so none of them has something to turn. */
import { type KeyRow, rows } from './key-row.ts';

const fetched = 'nothing is sent anywhere: let a collector read sys/metrics';
const all = 'sys/metrics tells all of them: drop what is not wanted where it is collected';
const notByExpiry = 'leases are not counted by when they end';

const senders = [
  'statsite_address',
  'statsd_address',
  'dogstatsd_addr',
  'circonus_api_token',
  'circonus_api_app',
  'circonus_api_url',
  'circonus_submission_interval',
  'circonus_submission_url',
  'circonus_check_id',
  'circonus_check_force_metric_activation',
  'circonus_check_instance_id',
  'circonus_check_search_tag',
  'circonus_check_display_name',
  'circonus_check_tags',
  'circonus_broker_id',
  'circonus_broker_select_tag',
  'stackdriver_project_id',
  'stackdriver_location',
  'stackdriver_namespace',
] as const;

export const telemetryRows: readonly KeyRow[] = [
  ...rows('telemetry', 'warning', [
    [
      'prometheus_retention_time',
      'duration',
      'metrics are always kept, for as long as the server runs: read sys/metrics with a token that may',
    ],
    ['disable_hostname', 'bool', 'no metric names the host', 'true'],
    ['enable_hostname_label', 'bool', 'no metric names the host', 'false'],
    ['metrics_prefix', 'text', 'names begin with vault_ and coffer_', 'vault'],
    ['usage_gauge_period', 'duration', 'tokens and leases are counted at most once in ten minutes', '10m', '600'],
    ['maximum_gauge_cardinality', 'integer', 'labels are mounts, operations and classes of status, 500 mounts at most'],
    ['lease_metrics_epsilon', 'duration', notByExpiry],
    ['num_lease_metrics_buckets', 'integer', notByExpiry],
    ['add_lease_metrics_namespace_labels', 'bool', notByExpiry, 'false'],
    ['filter_default', 'bool', all, 'true'],
    ['prefix_filter', 'texts', all],
    ['dogstatsd_tags', 'texts', fetched],
    ['stackdriver_debug_logs', 'bool', fetched, 'false'],
    ...senders.map(key => [key, 'text', fetched, ''] as const),
  ]),
];

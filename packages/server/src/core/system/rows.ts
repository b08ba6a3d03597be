/** All rows of `sys/`. */
import { anchorRows } from './anchor.ts';
import { auditRows } from './audit.ts';
import { auditHeaderRows } from './audit-headers.ts';
import { auditChainRows } from './audit-chain.ts';
import { capabilityRows } from './capabilities.ts';
import { configurationRows } from './configuration.ts';
import { counterRows } from './counters.ts';
import { corsRows } from './cors.ts';
import { eventRows } from './events.ts';
import { generateRootRows } from './generate-root.ts';
import { hostInfoRows } from './host-info.ts';
import { inFlightRows } from './in-flight.ts';
import { inspectRows } from './inspect.ts';
import { keyRows } from './keys.ts';
import { leaseRows } from './leases.ts';
import { loggerRows } from './loggers.ts';
import { metricRows } from './metrics.ts';
import { monitorRows } from './monitor.ts';
import { mountRows } from './mounts.ts';
import { nodeRows } from './nodes.ts';
import { openApiRows } from './openapi.ts';
import { policyRows } from './policies.ts';
import { pprofRows } from './pprof.ts';
import { rekeyRows } from './rekey.ts';
import { remountRows } from './remount.ts';
import { sealRows } from './seal.ts';
import { snapshotRows } from './snapshots.ts';
import { toolRows } from './tools.ts';
import { uiHeaderRows } from './ui-headers.ts';
import { uiRows } from './ui.ts';
import { wrappingRows } from './wrapping.ts';

export const systemRows = [
  ...sealRows,
  ...anchorRows,
  ...keyRows,
  ...rekeyRows,
  ...generateRootRows,
  ...mountRows,
  ...remountRows,
  ...leaseRows,
  ...policyRows,
  ...capabilityRows,
  ...auditRows,
  ...auditChainRows,
  ...auditHeaderRows,
  ...uiRows,
  ...counterRows,
  ...inspectRows,
  ...nodeRows,
  ...pprofRows,
  ...wrappingRows,
  ...openApiRows,
  ...toolRows,
  ...hostInfoRows,
  ...inFlightRows,
  ...loggerRows,
  ...corsRows,
  ...uiHeaderRows,
  ...metricRows,
  ...configurationRows,
  ...monitorRows,
  ...snapshotRows,
  ...eventRows,
];

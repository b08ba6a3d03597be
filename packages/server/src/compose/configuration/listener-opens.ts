/** What a listener opens to callers without a token: `telemetry` and `inflight_requests_logging`. */
import { readBlocks } from '@coffer/schema/hcl/read.ts';
import type { Openable } from '@coffer/schema/row.ts';
import type { Report } from './problem.ts';
import { type Placed, readSettings, type Settings } from './settings.ts';
import type { Stanza } from './stanza.ts';

const insideOf = (stanza: Stanza, name: string, report: Report): Settings => {
  const items = stanza.settings.blocks(name).flatMap(({ item, file }) => {
    const blocks = report.attempt(stanza.origin, `"${name}": `, () => readBlocks(item, 0));
    return (blocks ?? []).flatMap(({ body }) => body.items.map((one): Placed => ({ item: one, file })));
  });
  return readSettings(`listener ${name}`, items, report);
};

export const readOpens = (stanza: Stanza, report: Report): ReadonlySet<Openable> => {
  const telemetry = insideOf(stanza, 'telemetry', report);
  const inFlight = insideOf(stanza, 'inflight_requests_logging', report);
  return new Set<Openable>([
    ...(telemetry.flag('unauthenticated_metrics_access') === true ? (['metrics'] as const) : []),
    ...(inFlight.flag('unauthenticated_in_flight_requests_access') === true ? (['in-flight requests'] as const) : []),
  ]);
};

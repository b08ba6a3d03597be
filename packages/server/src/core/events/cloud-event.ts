/** An event as a CloudEvent in JSON, in the form that clients of Vault read. Beside it stands `revision`, to resume from. */
import { isoTime } from '@coffer/schema/iso-time.ts';
import { writeJson } from '@coffer/schema/json/write.ts';
import { rootNamespace } from '../namespaces/namespace.ts';
import type { EventFacts } from './event-facts.ts';

/** Both spellings: the misspelt one is what such clients get from Vault. */
const contentType = { datacontentype: 'application/cloudevents', datacontenttype: 'application/cloudevents' } as const;

export const pluginInfo = ({ record }: NonNullable<EventFacts['mount']>) => ({
  mount_class: record.class,
  mount_accessor: record.accessor,
  mount_path: record.class === 'auth' ? `auth/${record.path}` : record.path,
  plugin: record.type,
});

export const cloudEvent = (facts: EventFacts): Uint8Array =>
  writeJson({
    id: facts.id,
    source: facts.source,
    specversion: '1.0',
    type: '*',
    data: {
      event: { id: facts.id, metadata: facts.metadata },
      namespace: rootNamespace.path === '' ? undefined : rootNamespace.path,
      event_type: facts.type,
      plugin_info: facts.mount && pluginInfo(facts.mount),
    },
    ...contentType,
    time: facts.timeMs === 0 ? undefined : isoTime(facts.timeMs),
    revision: String(facts.resumeAt),
  });

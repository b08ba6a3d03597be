/** What a filter can ask of an event. */
import { type Filter, parseFilter, type Selectors } from '../filter/parse.ts';
import type { ToldEvent } from './told-event.ts';

const selectors: Selectors<ToldEvent> = new Map([
  ['event_type', ({ facts }: ToldEvent) => facts.type],
  ['operation', ({ facts }: ToldEvent) => facts.metadata.get('operation') ?? ''],
  ['data_path', ({ facts }: ToldEvent) => facts.metadata.get('data_path') ?? ''],
  ['source_plugin_mount', ({ facts }: ToldEvent) => facts.mount?.prefix ?? ''],
  ['namespace', () => ''],
]);

/** Throws as `parseFilter`. */
export const eventFilter = (text: string): Filter<ToldEvent> => parseFilter(text, selectors);

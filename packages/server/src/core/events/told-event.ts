/**
 * One event as subscribers get it. Each form is made once, when the first of them needs it; all others share the bytes,
 * which must not be changed.
 */
import { cloudEvent } from './cloud-event.ts';
import type { EventFacts } from './event-facts.ts';
import { eventReceived } from './protobuf.ts';

const utf8 = new TextEncoder();

export class ToldEvent {
  readonly facts: EventFacts;
  #json: Uint8Array | undefined;
  #sse: Uint8Array | undefined;
  #protobuf: Uint8Array | undefined;

  constructor(facts: EventFacts) {
    this.facts = facts;
  }

  /** What policies are asked about: where the change can be read, or where it was asked for. */
  get path(): string | undefined {
    const { metadata } = this.facts;
    return metadata.get('data_path') ?? metadata.get('path');
  }

  /** A CloudEvent as JSON, on one line. */
  get json(): Uint8Array {
    return (this.#json ??= cloudEvent(this.facts));
  }

  /** The same as a server-sent event. */
  get sse(): Uint8Array {
    return (this.#sse ??= sseOf(this.facts.resumeAt, this.json));
  }

  get protobuf(): Uint8Array {
    return (this.#protobuf ??= eventReceived(this.facts));
  }
}

/** What was told before `revision` is gone: as an event, for forms that know nothing else. */
export const compactedEvent = (revision: number): ToldEvent =>
  new ToldEvent({
    id: `compacted-${revision}`,
    type: 'coffer/compacted',
    timeMs: 0,
    revision: revision - 1,
    resumeAt: revision - 1,
    metadata: new Map([
      ['operation', 'compacted'],
      ['revision', String(revision)],
    ]),
    mount: undefined,
    source: 'urn:coffer',
  });

const sseOf = (id: number, json: Uint8Array): Uint8Array => {
  const head = utf8.encode(`id: ${id}\ndata: `);
  const bytes = new Uint8Array(head.length + json.length + 2);
  bytes.set(head);
  bytes.set(json, head.length);
  bytes.fill(0x0a, head.length + json.length);
  return bytes;
};

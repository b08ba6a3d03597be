/**
 * An event as the Protocol Buffers message `EventReceived`: what a WebSocket carries where JSON was not asked for.
 *
 *     EventReceived    1 EventData, 2 namespace, 3 event type, 4 EventPluginInfo
 *     EventData        1 id, 2 metadata (google.protobuf.Struct of strings)
 *     EventPluginInfo  1 mount class, 2 accessor, 3 path, 4 plugin
 *
 * Every field is of wire type 2: a length and that many bytes. Empty ones are left out, as proto3 has it.
 */
import { pluginInfo } from './cloud-event.ts';
import type { EventFacts } from './event-facts.ts';

const utf8 = new TextEncoder();
const lengthDelimited = 2;

const varint = (value: number): number[] => {
  const bytes: number[] = [];
  let left = value;
  for (; left > 0x7f; left = Math.floor(left / 128)) bytes.push((left % 128) | 0x80);
  return [...bytes, left];
};

const joined = (parts: readonly Uint8Array[]): Uint8Array => {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
};

const field = (number: number, content: Uint8Array | string): Uint8Array => {
  const bytes = typeof content === 'string' ? utf8.encode(content) : content;
  if (bytes.length === 0) return bytes;
  return joined([Uint8Array.from([(number << 3) | lengthDelimited, ...varint(bytes.length)]), bytes]);
};

/** `Value.string_value` is field 3; an empty text still has to be there, or it would be no value at all. */
const stringValue = (text: string): Uint8Array =>
  text === '' ? Uint8Array.of((3 << 3) | lengthDelimited, 0) : field(3, text);

const struct = (members: ReadonlyMap<string, string>): Uint8Array =>
  joined([...members].map(([name, text]) => field(1, joined([field(1, name), field(2, stringValue(text))]))));

export const eventReceived = ({ id, type, metadata, mount }: EventFacts): Uint8Array => {
  return joined([
    field(1, joined([field(1, id), field(2, struct(metadata))])),
    field(3, type),
    mount === undefined ? joined([]) : field(4, pluginOf(mount)),
  ]);
};

const pluginOf = (mount: NonNullable<EventFacts['mount']>): Uint8Array => {
  const plugin = pluginInfo(mount);
  return joined([
    field(1, plugin.mount_class),
    field(2, plugin.mount_accessor),
    field(3, plugin.mount_path),
    field(4, plugin.plugin),
  ]);
};

/** `events`: prints what changes in the store, as it changes, until it is stopped. */
import type { EventOptions, Followed } from '@coffer/client/events.ts';
import { objectIn, textIn } from '@coffer/client/members.ts';
import { CofferError } from '@coffer/schema/errors.ts';
import { parseDuration } from '@coffer/schema/duration.ts';
import type { JsonObject } from '@coffer/schema/json/value.ts';
import { jsonText } from '@coffer/client/json.ts';
import { type Command, command } from '../command.ts';
import { type Cx, exits } from '../cx.ts';
import { list, text } from '../flags.ts';
import { harmless } from '../format/table.ts';
import { globalFlags } from '../globals.ts';

const flags = {
  filter: text('Print only events of which this is true: `data_path == secret/data/app`'),
  namespaces: list('Patterns of namespaces beside the own one'),
  since: text('Go on after this revision in place of from now on'),
  timeout: text('Stop after this long: `30s`'),
};

const idle = [...globalFlags.keys()].filter(name =>
  ['mfa', 'wrap-ttl', 'policy-override', 'field', 'detailed'].includes(name),
);

const secondsOf = (given: string): number => {
  try {
    const seconds = parseDuration(given);
    if (seconds > 0) return seconds;
  } catch (cause) {
    throw new CofferError('usage', '-timeout: expected a duration such as 30s', { cause });
  }
  throw new CofferError('usage', '-timeout: expected a duration such as 30s');
};

const metadataOf = (event: JsonObject): JsonObject =>
  objectIn(objectIn(objectIn(event, 'data') ?? new Map(), 'event') ?? new Map(), 'metadata') ?? new Map();

/** A path is whatever its writer has chosen: it must not end the line either. */
const onOneLine = (words: string): string =>
  harmless(words).replaceAll(
    /[\t\n\u2028\u2029]/g,
    found => `\\x${(found.codePointAt(0) ?? 0).toString(16).padStart(2, '0')}`,
  );

/** Time, type, path and version, for people. */
const line = (followed: Followed & { readonly kind: 'event' }): string => {
  const version = textIn(metadataOf(followed.event), 'current_version');
  const words = [textIn(followed.event, 'time'), followed.type.padEnd(20), followed.path];
  return onOneLine([...words, ...(version === '' ? [] : [`version ${version}`])].join('  '));
};

const compacted = (revision: string): string =>
  `changes before revision ${revision} are not kept any more: some events are missing, list again what you follow\n`;

const optionsOf = (cx: Cx, signal: AbortSignal): EventOptions => ({
  filter: cx.flags.text('filter'),
  namespaces: cx.flags.list('namespaces'),
  since: cx.flags.text('since'),
  signal,
  onInterrupted: reason => cx.io.err(`${reason.publicMessage}; coming back\n`),
});

const stopAfter = async (cx: Cx, stop: AbortController): Promise<() => void> => {
  const timeout = cx.flags.text('timeout');
  if (timeout === undefined) return () => {};
  const { timer } = await cx.io.loadRunning();
  return timer.after(secondsOf(timeout) * 1000, () => stop.abort());
};

const follow = async (cx: Cx, shown: (followed: Followed & { readonly kind: 'event' }) => string): Promise<number> => {
  const client = await cx.client();
  const stop = new AbortController();
  const cancel = await stopAfter(cx, stop);
  try {
    for await (const followed of client.events(cx.arg(0) === '' ? '*' : cx.arg(0), optionsOf(cx, stop.signal))) {
      if (followed.kind === 'event') cx.io.out(`${shown(followed)}\n`);
      else cx.io.err(compacted(followed.revision));
    }
    return exits.ok;
  } finally {
    cancel();
  }
};

const json = ({ event }: { readonly event: JsonObject }): string => jsonText(event);

const events = (cx: Cx): Promise<number> => {
  if (cx.format === 'json') return follow(cx, json);
  if (cx.format === 'table' || cx.format === 'pretty') return follow(cx, line);
  throw new CofferError('usage', `Invalid output format: ${cx.format} cannot show a stream: table or json`);
};

const details =
  'TYPE may have `*` for any characters: `kv-v2/data-*`. Where the connection ends it comes back by itself and goes on\n' +
  'where it was.';
const doing = ([type = '*']: readonly string[]): string => `following ${type}`;

export const eventCommands: readonly Command[] = [
  command({
    name: 'events',
    args: '[TYPE]',
    summary: 'Print what changes in the store, as it changes',
    details: `${details} One line for each event: time, type, path, version; with -format=json the whole event.\nMore: docs/events.md`,
    flags,
    idle,
    count: [0, 1],
    doing,
    run: events,
  }),
  command({
    name: 'events subscribe',
    args: 'TYPE',
    summary: 'Print events as JSON, one on each line',
    details,
    flags,
    idle: [...idle, 'format'],
    count: [1, 1],
    doing,
    run: cx => follow(cx, json),
  }),
];

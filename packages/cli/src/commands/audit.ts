/** Audit devices: list, enable, disable. */
import { objectIn, textIn } from '@coffer/client/members.ts';
import type { Json, JsonObject } from '@coffer/schema/json/value.ts';
import type { Out } from '@coffer/schema/out.ts';
import { type Command, command, noLimit } from '../command.ts';
import { type Cx, exits } from '../cx.ts';
import { DataArgs } from '../data-args.ts';
import { bool, text } from '../flags.ts';
import { byName, cell } from '../format/cell.ts';
import { emptyList } from '../format/list.ts';
import { table } from '../format/table.ts';
import { folder } from './mount-flags.ts';

const devicesOf = (data: JsonObject): (readonly [string, JsonObject])[] =>
  [...data].filter((entry): entry is [string, JsonObject] => entry[1] instanceof Map).toSorted(byName);

const optionsText = (device: JsonObject): string =>
  [...(objectIn(device, 'options') ?? new Map<string, Json>())]
    .toSorted(byName)
    .map(([name, value]) => `${name}=${cell(value)}`)
    .join(' ');

const brief = (data: JsonObject): string =>
  table(
    ['Path', 'Type', 'Description'],
    devicesOf(data).map(([path, device]) => [path, textIn(device, 'type'), textIn(device, 'description')]),
  );

const detailed = (data: JsonObject): string =>
  table(
    ['Path', 'Type', 'Description', 'Replication', 'Options'],
    devicesOf(data).map(([path, device]) => [
      path,
      textIn(device, 'type'),
      textIn(device, 'description'),
      device.get('local') === true ? 'local' : 'replicated',
      optionsText(device),
    ]),
  );

const list = async (cx: Cx): Promise<number> => {
  const data = (await cx.send({ method: 'GET', path: 'sys/audit' })).data ?? new Map<string, Json>();
  if (data.size === 0) return emptyList(cx, 'No audit devices are enabled.');
  cx.result({
    json: data,
    table: () => (cx.settings.bool('detailed') ? detailed(data) : brief(data)),
    fields: [...data],
  });
  return exits.ok;
};

const enable = async (cx: Cx): Promise<number> => {
  const type = cx.arg(0);
  const path = folder(cx.flags.text('path') ?? type);
  const options = await new DataArgs(cx.io).read(cx.args.slice(1));
  const body = new Map<string, Out>([
    ['type', type],
    ['description', cx.flags.text('description') ?? ''],
    ['options', options],
    ['local', cx.flags.bool('local')],
  ]);
  await cx.send({ method: 'PUT', path: `sys/audit/${path.slice(0, -1)}`, body });
  return cx.success(`Enabled the ${type} audit device at: ${path}`);
};

const disable = async (cx: Cx): Promise<number> => {
  const path = folder(cx.arg(0));
  await cx.send({ method: 'DELETE', path: `sys/audit/${path.slice(0, -1)}` });
  return cx.success(`Disabled audit device (if it was enabled) at: ${path}`);
};

export const auditCommands: readonly Command[] = [
  command({ name: 'audit list', summary: 'List audit devices', doing: () => 'listing audits', run: list }),
  command({
    name: 'audit enable',
    args: 'TYPE [K=V...]',
    summary: 'Enable an audit device',
    flags: {
      path: text('Its name, where that is not its type'),
      description: text('What it is for'),
      local: bool('Not replicated'),
    },
    count: [1, noLimit],
    doing: () => 'enabling audit device',
    run: enable,
  }),
  command({
    name: 'audit disable',
    args: 'PATH',
    summary: 'Disable an audit device',
    count: [1, 1],
    doing: () => 'disabling audit device',
    run: disable,
  }),
];

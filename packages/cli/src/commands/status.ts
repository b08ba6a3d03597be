/** `status`: initialised, sealed, how far unsealing is. Its exit code says whether the server is sealed. */
import type { Answer } from '@coffer/client/answer.ts';
import { textIn } from '@coffer/client/members.ts';
import type { Json, JsonObject } from '@coffer/schema/json/value.ts';
import { type Command, command } from '../command.ts';
import { type Cx, exits } from '../cx.ts';
import { cell } from '../format/cell.ts';
import { keyValue } from '../format/table.ts';

const sealedExit = 2;
const errorExit = 1;

type Row = readonly [string, string];

const named = (title: string, value: Json | undefined): Row[] =>
  value === undefined || value === null || value === '' ? [] : [[title, cell(value)]];

const sealedRows = (status: JsonObject): Row[] =>
  status.get('sealed') === true
    ? [
        ['Unseal Progress', `${cell(status.get('progress'))}/${cell(status.get('t'))}`],
        ['Unseal Nonce', textIn(status, 'nonce')],
      ]
    : [];

const shareRows = (status: JsonObject): Row[] => {
  const recovery = status.get('recovery_seal') === true;
  return [
    ...(recovery ? named('Recovery Seal Type', status.get('recovery_seal_type')) : []),
    ['Initialized', cell(status.get('initialized'))],
    ['Sealed', cell(status.get('sealed'))],
    [recovery ? 'Total Recovery Shares' : 'Total Shares', cell(status.get('n'))],
    ['Threshold', cell(status.get('t'))],
  ];
};

const haRows = (leader: JsonObject): Row[] => {
  if (leader.get('ha_enabled') !== true) return [['HA Enabled', 'false']];
  const mode = leader.get('is_self') === true ? 'active' : 'standby';
  return [
    ['HA Enabled', 'true'],
    ...named('HA Cluster', leader.get('leader_cluster_address')),
    ['HA Mode', mode],
    ...(mode === 'standby' ? named('Active Node Address', leader.get('leader_address')) : []),
  ];
};

export const statusRows = (status: JsonObject, leader: JsonObject): Row[] => [
  ...named('Seal Type', status.get('type')),
  ...shareRows(status),
  ...sealedRows(status),
  ...named('Version', status.get('version')),
  ...named('Build Date', status.get('build_date')),
  ...named('Storage Type', status.get('storage_type')),
  ...named('Cluster Name', status.get('cluster_name')),
  ...named('Cluster ID', status.get('cluster_id')),
  ...haRows(leader),
];

const leaderOf = async (cx: Cx, status: JsonObject): Promise<JsonObject> => {
  if (status.get('sealed') === true) return new Map();
  const asked = (await cx.questions()).request({ method: 'GET', path: 'sys/leader' });
  return asked.then(
    answer => answer.body,
    () => new Map<string, Json>(),
  );
};

/** Shows a seal status; its members beside HA come from `sys/leader`. */
export const showStatus = async (cx: Cx, answer: Answer): Promise<number> => {
  const leader = await leaderOf(cx, answer.body);
  const json = new Map([
    ...answer.body,
    ...[...leader].filter(([name]) => name.startsWith('ha_') || name === 'is_self'),
  ]);
  return cx.result({ json, table: () => keyValue(statusRows(answer.body, leader)), fields: [...json] });
};

const status = async (cx: Cx): Promise<number> => {
  const answer = await cx.send({ method: 'GET', path: 'sys/seal-status' });
  const code = await showStatus(cx, answer);
  if (code !== exits.ok) return code;
  return answer.body.get('sealed') === true ? sealedExit : exits.ok;
};

export const statusCommands: readonly Command[] = [
  command({
    name: 'status',
    summary: 'Show whether the server is initialised and sealed',
    details: 'Exit code: 0 unsealed, 1 error, 2 sealed.',
    // The answer is no secret and is never wrapped: a variable of the environment must not hide the state of the server.
    idle: ['wrap-ttl'],
    doing: () => 'checking seal status',
    failure: errorExit,
    run: status,
  }),
];

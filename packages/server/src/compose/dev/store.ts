/** What `coffer dev` makes in the store, through its API as everybody: audited, and nothing a user could not do. */
import type { Coffer } from '@coffer/client/client.ts';
import { jsonText } from '@coffer/client/json.ts';
import { objectIn, textIn } from '@coffer/client/members.ts';
import { CofferError } from '@coffer/schema/errors.ts';
import type { Json } from '@coffer/schema/json/value.ts';
import type { Out } from '@coffer/schema/out.ts';
import type { Outcome } from './cluster.ts';
import { devName, kvMount } from './names.ts';

const description = 'coffer dev: ServiceAccounts of a cluster to try things out in';
const mount = `sys/auth/${devName}`;

/** Reads everything in the mount, and is told of changes there. */
const policy = `# Made by coffer dev: what the operator may read.
path "${kvMount}/*" {
  capabilities          = ["read", "list", "subscribe"]
  subscribe_event_types = ["kv-v2/*"]
}
path "sys/events/subscribe/kv*" {
  capabilities = ["read"]
}
`;

export interface TrustedCluster {
  readonly server: string;
  /** Public keys that sign its tokens, in PEM. */
  readonly pemKeys: readonly string[];
}

/** One record of the store: where it is, what it should hold, and how it goes again. */
interface Setting {
  readonly name: string;
  readonly path: string;
  readonly wanted: { readonly [field: string]: Out };
  readonly undo: string;
}

const undoMount = `coffer auth disable ${devName}`;

const policySetting: Setting = {
  name: `policy ${devName}`,
  path: `sys/policies/acl/${devName}`,
  wanted: { policy },
  undo: `coffer policy delete ${devName}`,
};

const settingsOf = ({ server, pemKeys }: TrustedCluster): readonly Setting[] => [
  {
    name: `auth/${devName}/config`,
    path: `auth/${devName}/config`,
    // Signatures are checked here, by the cluster's public keys: nobody needs a standing credential for that.
    wanted: {
      kubernetes_host: server,
      // As the store answers them.
      pem_keys: pemKeys.map(pem => pem.trim()),
      jwt_validation: 'signature',
      disable_local_ca_jwt: true,
    },
    undo: undoMount,
  },
  {
    name: `auth/${devName}/role/${devName}`,
    path: `auth/${devName}/role/${devName}`,
    wanted: {
      bound_service_account_names: [devName],
      bound_service_account_namespaces: [devName],
      audience: devName,
      token_policies: [devName],
      token_ttl: 3600,
    },
    undo: `coffer delete auth/${devName}/role/${devName}`,
  },
];

export interface StoreDone {
  readonly outcome: Outcome;
  readonly name: string;
  readonly undo: string;
}

const isSame = (found: Json | undefined, wanted: Out): boolean =>
  found !== undefined && jsonText(found) === jsonText(wanted);

const put = async (client: Coffer, { name, path, wanted, undo }: Setting): Promise<StoreDone> => {
  const data = (await client.read(path))?.data;
  if (data !== undefined && Object.entries(wanted).every(([field, value]) => isSame(data.get(field), value)))
    return { outcome: 'kept', name, undo };
  await client.write(path, wanted);
  return { outcome: data === undefined ? 'made' : 'changed', name, undo };
};

type MountState = 'none' | 'ours' | 'of others';

const mountState = async (client: Coffer): Promise<MountState> => {
  const mounts = (await client.read('sys/auth'))?.data ?? new Map<string, Json>();
  const found = objectIn(mounts, `${devName}/`);
  if (found === undefined) return 'none';
  return textIn(found, 'type') === 'kubernetes' && textIn(found, 'description') === description ? 'ours' : 'of others';
};

/** Another description means that somebody uses it for something else. */
const putMount = async (client: Coffer): Promise<StoreDone> => {
  const name = `auth method auth/${devName}/`;
  const state = await mountState(client);
  if (state === 'of others')
    throw new CofferError(
      'usage',
      `The store has something at auth/${devName}/ that coffer dev did not make. Move it (coffer auth move), then try again.`,
    );
  if (state === 'ours') return { outcome: 'kept', name, undo: undoMount };
  await client.write(mount, { type: 'kubernetes', description });
  return { outcome: 'made', name, undo: undoMount };
};

/** Makes what is missing, mends what is not as it should be, and leaves what is right. */
export const setUpStore = async (
  client: Coffer,
  cluster: TrustedCluster,
  told: (done: StoreDone) => void,
): Promise<void> => {
  told(await put(client, policySetting));
  told(await putMount(client));
  for (const setting of settingsOf(cluster)) told(await put(client, setting));
};

/** Takes away what was made here; what somebody else put in its place stays. */
export const takeFromStore = async (client: Coffer, told: (done: StoreDone) => void): Promise<void> => {
  const state = await mountState(client);
  if (state !== 'none') {
    if (state === 'ours') await client.delete(mount);
    told({ outcome: state === 'ours' ? 'removed' : 'left', name: `auth method auth/${devName}/`, undo: undoMount });
  }
  if ((await client.read(policySetting.path)) === undefined) return;
  await client.delete(policySetting.path);
  told({ outcome: 'removed', name: policySetting.name, undo: policySetting.undo });
};

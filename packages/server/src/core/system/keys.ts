/** Rows about the keys of the barrier: which term encrypts, rotating it, when it rotates by itself. */
import { CofferError } from '@coffer/schema/errors.ts';
import { t } from '@coffer/schema/fields/t.ts';
import { read, type SystemCx, write } from './context.ts';

const configFields = {
  enabled: t.boolean('Rotate by itself'),
  max_operations: t.integer('Encryptions after which the key is rotated'),
  interval: t.duration('Age after which the key is rotated; 0 for none'),
} as const;
const shortestIntervalSeconds = 86_400;

const config = ({ core }: SystemCx) => {
  const { enabled, maxOperations, intervalSeconds } = core.barrier.rotation;
  return { enabled, max_operations: maxOperations, interval: intervalSeconds };
};

interface ConfigArgs {
  readonly enabled?: boolean | undefined;
  readonly max_operations?: number | undefined;
  readonly interval?: number | undefined;
}

const configure = async ({ core }: SystemCx, args: ConfigArgs): Promise<void> => {
  const before = core.barrier.rotation;
  const intervalSeconds = args.interval ?? before.intervalSeconds;
  if (intervalSeconds !== 0 && intervalSeconds < shortestIntervalSeconds)
    throw new CofferError('invalid_request', 'interval must be greater or equal to 24h0m0s');
  await core.barrier.configureRotation({
    enabled: args.enabled ?? before.enabled,
    maxOperations: args.max_operations ?? before.maxOperations,
    intervalSeconds,
  });
};

const root = { rootNamespaceOnly: true } as const;
const rotate = ({ core }: SystemCx): Promise<void> => core.barrier.rotate();

export const keyRows = [
  read(
    'key-status',
    {
      ...root,
      summary: 'Show the key term that encrypts now',
      legacyTopLevel: true,
      out: {
        term: t.integer('Number of the term'),
        install_time: t.time('Since when'),
        encryptions: t.integer('Records encrypted under it'),
      },
    },
    ({ core }) => {
      const { term, installedAtMs, encryptions } = core.barrier.keyStatus();
      return { term, install_time: new Date(installedAtMs), encryptions };
    },
  ),
  write(
    'rotate/keyring',
    {
      ...root,
      summary: 'Make a new key term; older records stay readable',
      access: 'sudo',
      aliases: ['rotate'],
      legacyTopLevel: true,
    },
    rotate,
  ),
  read(
    'rotate/keyring/config',
    { ...root, summary: 'Show when the key rotates by itself', out: configFields, aliases: ['rotate/config'] },
    config,
  ),
  write(
    'rotate/keyring/config',
    { ...root, summary: 'Set when the key rotates by itself', in: configFields, aliases: ['rotate/config'] },
    configure,
  ),
];

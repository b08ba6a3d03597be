/** `config`: the settings of a versioned mount. */
import { CofferError } from '@coffer/schema/errors.ts';
import { t } from '@coffer/schema/fields/t.ts';
import { whenThere } from '../../keyed/later.ts';
import { configKey, configOf, encodeConfig, type MountConfig, readConfig } from './config.ts';
import { type KvCx, rows } from './cx.ts';
import { eventOf } from './events.ts';
import { type GivenSettings, settingFields, settingsOver } from './settings.ts';
import { spanText } from './span.ts';

const attemptLimit = 16;
/** All spans below zero mean the same. */
const disabledMs = -1000;

const changed = (before: MountConfig, given: GivenSettings): MountConfig => {
  const config = settingsOver(before, given);
  return config.deleteAfterMs < 0 ? { ...config, deleteAfterMs: disabledMs } : config;
};

const writeConfig = async (cx: KvCx, given: GivenSettings): Promise<undefined> => {
  const event = eventOf(cx, { type: 'kv-v2/config-write', path: 'config', dataPath: 'config', modified: true });
  for (let attempt = 0; attempt < attemptLimit; attempt += 1) {
    const entry = await cx.storage.get(configKey);
    const result = await cx.storage.commit({
      checks: [{ key: configKey, expect: entry?.revision ?? 'absent' }],
      writes: [{ key: configKey, value: encodeConfig(changed(configOf(entry), given)) }],
      events: [event],
    });
    if (result.ok) return undefined;
  }
  throw new CofferError('conflict', "The mount's settings are being changed by others; try again.");
};

const answer = (config: MountConfig) => ({
  cas_required: config.casRequired,
  delete_version_after: spanText(config.deleteAfterMs),
  max_versions: config.maxVersions,
  metadata_cas_required: config.metadataCasRequired,
});

export const configRows = [
  rows.read('config', { summary: 'Read the settings of the mount', out: settingFields }, cx =>
    whenThere(readConfig(cx.storage), answer),
  ),
  rows.write(
    'config',
    {
      summary: 'Change the settings of the mount',
      in: {
        ...settingFields,
        delete_version_after: t.string(
          'Time after which a new version is deleted by itself; 0 clears it, a negative one also stops those of keys',
        ),
      },
    },
    writeConfig,
  ),
];

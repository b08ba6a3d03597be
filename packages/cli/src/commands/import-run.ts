/** `import`, when it is asked for: flags to choices, files to Secrets, Secrets to the store. */
import { CofferError, errorFacts } from '@coffer/schema/errors.ts';
import type { Mount } from '@coffer/client/mounts.ts';
import { cleanPath } from '@coffer/client/path.ts';
import { type Cx, exits } from '../cx.ts';
import { Gather } from '../manifests/gather.ts';
import { Import } from '../manifests/import.ts';
import { isNamespace } from '../manifests/names.ts';
import type { Choice } from '../manifests/objects.ts';
import { templateOf } from '../manifests/place.ts';
import { jsonOf, remarks, tableOf } from '../manifests/report.ts';
import { SecretStore } from '../manifests/store.ts';

const choiceOf = (cx: Cx): Choice => {
  const namespace = cx.flags.text('default-namespace') ?? 'default';
  if (!isNamespace(namespace)) {
    throw new CofferError('usage', '-default-namespace: not a name that Kubernetes allows for a namespace');
  }
  return {
    namespace,
    skippedAnnotations: new Set(cx.flags.all('skip-annotation')),
    withServiceAccountTokens: cx.flags.bool('with-service-account-tokens'),
    withHelmReleases: cx.flags.bool('with-helm-releases'),
  };
};

const versioned = (mount: Mount): Mount => {
  if (mount.kvVersion === 2) return mount;
  throw new CofferError(
    'usage',
    `${mount.path}: not a key/value mount with versions; "coffer secrets enable kv-v2" makes one`,
  );
};

export const secretStore = async (cx: Cx): Promise<SecretStore> => {
  const given = cleanPath(cx.flags.text('mount') ?? '').replace(/\/{1,9}$/, '') || 'secret';
  const client = await cx.questions();
  return new SecretStore(client, versioned(await client.mountOf(given)));
};

export const importManifests = async (cx: Cx): Promise<number> => {
  const given = cx.flags.all('file');
  if (given.length === 0)
    throw new CofferError('usage', 'Say what to import: -f FILE, -f FOLDER or -f - (standard input)');
  const choice = choiceOf(cx);
  const template = templateOf(cx.flags.text('prefix') ?? '');
  const { files, readYaml } = await cx.io.loadManifests();
  const gather = new Gather({ files, readYaml, standardInput: () => cx.io.terminal.readAll() }, choice);
  const found = await gather.all(given);
  const dryRun = cx.flags.bool('dry-run');
  const store = await secretStore(cx);
  const progress = (done: number, all: number): void => cx.io.err(`${done} of ${all}\n`);
  const done = await new Import({ store, template, dryRun, progress }, found).run();
  cx.io.err(remarks(found));
  const outcome = { done, found, dryRun };
  cx.result({ json: jsonOf(outcome), table: () => tableOf(outcome) });
  return found.refused.length === 0 ? exits.ok : errorFacts.invalid_request.exit;
};

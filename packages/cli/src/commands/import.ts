/** `import` and `export`: Kubernetes Secret manifests into the store and back. Their code is loaded when they are asked for. */
import { type Command, command } from '../command.ts';
import type { Cx } from '../cx.ts';
import { bool, text } from '../flags.ts';
import { idleInBulk } from '../globals.ts';
import { atMount } from '../missing-mount.ts';

const seeks = async (cx: Cx) => [atMount(cx.flags.text('mount') ?? 'secret')];

const mount = text('Versioned key/value mount', { default: 'secret' });

export const importCommands: readonly Command[] = [
  command({
    name: 'import',
    args: '-f FILE|FOLDER|-',
    summary: 'Bring Kubernetes Secret manifests into the store',
    details:
      'Takes YAML and JSON, many documents, lists as kubectl prints them. What cannot be read is named by file and line and\n' +
      'stops nothing else; the exit code is then 2. A second run changes nothing. More: docs/import.md',
    flags: {
      file: text('Manifest file, folder of manifests, or - for standard input; may be repeated', { alias: 'f' }),
      mount,
      prefix: text('Path below the mount: a folder, or a template with {namespace} and {name}', {
        default: '{namespace}/{name}',
      }),
      'default-namespace': text('Namespace of manifests without one', { default: 'default' }),
      'dry-run': bool('Show what would change, and change nothing'),
      'skip-annotation': text('Annotation to leave out; may be repeated'),
      'with-service-account-tokens': bool('Take Secrets that hold tokens of service accounts too'),
      'with-helm-releases': bool('Take Secrets in which Helm keeps its releases too'),
    },
    idle: idleInBulk,
    doing: () => 'importing manifests',
    seeks,
    run: async cx => (await import('./import-run.ts')).importManifests(cx),
  }),
  command({
    name: 'export',
    summary: 'Write Kubernetes Secret manifests from the store',
    details:
      'Gives back what "import" took: the same bytes, type, labels, annotations. The output holds secrets in plain base64.',
    flags: {
      mount,
      prefix: text('Folder below the mount; without it, the whole mount'),
      output: text('Folder for one file a Secret, or - for standard output', { alias: 'o', default: '-' }),
      'default-namespace': text('Namespace of secrets that did not come from a manifest', { default: 'default' }),
    },
    idle: idleInBulk,
    doing: () => 'exporting manifests',
    seeks,
    run: async cx => (await import('./export-run.ts')).exportManifests(cx),
  }),
];

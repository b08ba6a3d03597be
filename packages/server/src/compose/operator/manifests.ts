/** `coffer operator manifests`: prints what installs the operator; asks and changes nothing. */
import { CofferError } from '@coffer/schema/errors.ts';
import { installDefaults, installObjects } from '../../kubernetes/api/install.ts';
import { output } from '../../platform/process/process.ts';
import { writeYaml } from '../../platform/yaml/write.ts';
import { type FlagRow, flagsHelp, parseFlags } from '../flags.ts';

const rows = [
  { name: 'namespace', value: 'NAME', summary: `Where the operator runs (default: ${installDefaults.namespace})` },
  { name: 'image', value: 'IMAGE', summary: `What it runs from (default: ${installDefaults.image})` },
  { name: 'help', value: undefined, summary: 'Show this' },
] as const satisfies readonly FlagRow[];

const help = (): string =>
  `Usage: coffer operator manifests -image=IMAGE | kubectl apply --server-side -f -\n\nPrints what installs the operator: kinds, rights, pods. No image is published yet: name one of your own.\n\n${flagsHelp(rows)}`;

const namespaceName = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
/** Of the grammar of references only what could be taken for something else is refused. */
const imageReference = /^[\w][\w./:@-]{0,1023}$/;

const checked = (name: string, value: string, pattern: RegExp): string => {
  if (!pattern.test(value))
    throw new CofferError('usage', `coffer operator manifests: -${name}: that is no valid name`);
  return value;
};

const noImage =
  'No image is published yet: with -image=IMAGE name one of your own, or the pods of the operator cannot start.\n';

export const manifestsCommand = async (argv: readonly string[]): Promise<number> => {
  const flags = parseFlags('coffer operator manifests', rows, argv);
  const namespace = checked('namespace', flags.get('namespace') ?? installDefaults.namespace, namespaceName);
  const image = checked('image', flags.get('image') ?? installDefaults.image, imageReference);
  if (!flags.has('help') && !flags.has('image')) output.err(noImage);
  output.out(flags.has('help') ? help() : writeYaml(installObjects({ namespace, image })));
  return 0;
};

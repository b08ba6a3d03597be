/** The arguments of `coffer doctor`. */
import { CofferError } from '@coffer/schema/errors.ts';
import { type FlagRow, flagsHelp, parseFlags } from '../flags.ts';

const rows = [
  {
    name: 'namespace',
    value: 'NAME',
    summary: 'Namespace of the ExternalSecret (default: that of the context); also -n',
  },
  { name: 'n', value: 'NAME', summary: 'The same' },
  { name: 'kubeconfig', value: 'PATH', summary: 'The cluster (default: as kubectl finds it)' },
  { name: 'context', value: 'NAME', summary: 'Which context of the kubeconfig (default: its current one)' },
  { name: 'format', value: 'FORMAT', summary: 'table or json (default: table)' },
  { name: 'help', value: undefined, summary: 'Show this' },
] as const satisfies readonly FlagRow[];

export interface DoctorSettings {
  readonly name: string;
  readonly namespace: string | undefined;
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  readonly format: 'table' | 'json';
}

const kinds: ReadonlySet<string> = new Set([
  'externalsecret',
  'externalsecrets',
  'es',
  'externalsecrets.external-secrets.io',
]);
const usage = 'coffer doctor externalsecret NAME [-n NAMESPACE] [-kubeconfig=PATH] [-context=NAME]';

const wrong = (message: string): CofferError => new CofferError('usage', `coffer doctor: ${message}`);

interface Words {
  readonly operands: readonly string[];
  readonly flags: readonly string[];
}

/** Flags may stand before and behind the operands. */
const parted = (argv: readonly string[]): Words => {
  const operands: string[] = [];
  const flags: string[] = [];
  const rest = [...argv];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (!word.startsWith('-')) {
      operands.push(word);
      continue;
    }
    flags.push(word);
    const row = rows.find(({ name }) => name === word.replace(/^--?/, ''));
    if (row?.value !== undefined) flags.push(...rest.splice(0, 1));
  }
  return { operands, flags };
};

/** A name as the API has them; what is none cannot be there. */
const nameForm = /^[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$/;

const nameIn = (operands: readonly string[]): string => {
  const [first = '', ...rest] = operands;
  const [kind = '', joined] = first.split('/', 2);
  if (!kinds.has(kind)) {
    const others = kind === '' ? '' : 'only an ExternalSecret can be followed; ';
    throw wrong(`${others}expected a kind and a name: ${usage}`);
  }
  const names = joined === undefined ? rest : [joined, ...rest];
  const [name] = names;
  if (name === undefined || names.length > 1) throw wrong(`expected one name: ${usage}`);
  if (!nameForm.test(name)) throw wrong('the name is no name of an object: small letters, digits, "-" and "." only');
  return name;
};

/** Undefined: help is asked for. Throws `usage`. */
export const parseDoctorFlags = (argv: readonly string[]): DoctorSettings | undefined => {
  const words = parted(argv);
  const flags = parseFlags('coffer doctor', rows, words.flags);
  if (flags.has('help')) return undefined;
  const format = flags.get('format') ?? 'table';
  if (format !== 'table' && format !== 'json') throw wrong('-format: expected table or json');
  const namespace = flags.get('namespace') ?? flags.get('n');
  if (namespace !== undefined && !nameForm.test(namespace)) throw wrong('-namespace: expected the name of a namespace');
  return {
    name: nameIn(words.operands),
    namespace,
    kubeconfig: flags.get('kubeconfig'),
    context: flags.get('context'),
    format,
  };
};

export const doctorHelp = (): string =>
  `Usage: ${usage}\n\n` +
  'Follows one secret from its store to the Kubernetes Secret and the pods that use it, and says where it stops. It\n' +
  'changes nothing and shows no value. What you may not look at is said, and left out.\n\n' +
  'Where COFFER_ADDR is the address of the store and COFFER_TOKEN, or the file of "coffer login", holds a token for it,\n' +
  'it also tells which bound refused a login and which policy denies a path.\n\n' +
  `${flagsHelp(rows)}\nExit codes: 0 it stops nowhere, 2 it stops, 1 the command was called wrongly.\n`;

/**
 * Credentials of a plugin: a program that the kubeconfig names, which prints an ExecCredential
 * (client.authentication.k8s.io/v1 or v1beta1). What it gave is used until shortly before it expires, or until the API
 * server refuses it. What it writes to stderr goes to ours; nothing it prints stands in an error.
 */
import { spawn } from 'node:child_process';
import { isAbsolute } from 'node:path';
import { CofferError } from '@coffer/schema/errors.ts';
import { Secret } from '@coffer/schema/secret.ts';
import type { Clock } from '../../../contracts/clock.ts';
import { expiryMarginMs, pluginLimitMs, pluginOutputLimitBytes, pluginRestMs } from '../bounds.ts';
import type { ClientCertificate, Credentials, Endpoint, Identity } from '../credentials.ts';
import type { Fields } from './fields.ts';
import { bearer } from './bearer.ts';

const group = 'client.authentication.k8s.io';
const versions: readonly string[] = [`${group}/v1`, `${group}/v1beta1`];
const modes: readonly string[] = ['Never', 'IfAvailable', 'Always'];

export interface Plugin {
  readonly apiVersion: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: { readonly [name: string]: string };
  /** What to do where the command is not there. */
  readonly installHint: string;
  readonly wantsCluster: boolean;
}

/** A command with a slash is seen from the folder of the file; others are searched for as a shell does. */
const commandIn = (fields: Fields): string => {
  const command = fields.need('command');
  return command.includes('/') && !isAbsolute(command) ? (fields.path('command') ?? command) : command;
};

/** Throws `usage`. */
export const pluginIn = (fields: Fields): Plugin => {
  const apiVersion = fields.need('apiVersion');
  if (!versions.includes(apiVersion)) throw fields.fault('apiVersion', `it must be one of ${versions.join(', ')}`);
  const mode = fields.text('interactiveMode');
  if (mode === undefined && apiVersion === `${group}/v1`) throw fields.fault('interactiveMode', 'it is missing');
  if (mode !== undefined && !modes.includes(mode))
    throw fields.fault('interactiveMode', `it must be one of ${modes.join(', ')}`);
  if (mode === 'Always')
    throw fields.fault('interactiveMode', 'this plugin asks a person: log in by other means, and take a token');
  return {
    apiVersion,
    command: commandIn(fields),
    args: fields.texts('args'),
    env: Object.fromEntries(fields.list('env').map(entry => [entry.need('name'), entry.text('value') ?? ''])),
    installHint: fields.text('installHint') ?? '',
    wantsCluster: fields.flag('provideClusterInfo'),
  };
};

/** What a plugin is told: KUBERNETES_EXEC_INFO. */
const infoFor = async (plugin: Plugin, endpoint: Endpoint): Promise<string> => {
  const ca = plugin.wantsCluster ? await endpoint.ca() : undefined;
  const cluster = {
    server: endpoint.url.href.replace(/\/$/, ''),
    'tls-server-name': endpoint.serverName,
    'insecure-skip-tls-verify': endpoint.insecure,
    'certificate-authority-data': ca === undefined ? undefined : Buffer.from(ca).toString('base64'),
    'proxy-url': endpoint.proxy,
  };
  const spec = { interactive: false, ...(plugin.wantsCluster ? { cluster } : {}) };
  return JSON.stringify({ apiVersion: plugin.apiVersion, kind: 'ExecCredential', spec });
};

const failed = (plugin: Plugin, what: string): CofferError =>
  new CofferError('unreachable', `the credential plugin ${plugin.command} ${what}`);

const notStarted = (plugin: Plugin, error: NodeJS.ErrnoException): CofferError =>
  failed(
    plugin,
    `cannot be run: ${error.code ?? 'unknown error'}${plugin.installHint === '' ? '' : `; ${plugin.installHint}`}`,
  );

/** Runs it; answers what it printed. */
const run = ({ plugin, environment, clock }: PluginOptions, info: string): Promise<Buffer> => {
  const { promise, resolve: done, reject } = Promise.withResolvers<Buffer>();
  const child = spawn(plugin.command, [...plugin.args], {
    env: { ...Object.fromEntries(environment), ...plugin.env, KUBERNETES_EXEC_INFO: info },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  // What a plugin has started may hold its output open for ever: its own end is waited for, and no longer than allowed.
  const end = (why: CofferError): void => {
    reject(why);
    child.kill('SIGKILL');
    child.stdout.destroy();
  };
  const cancel = clock.after(pluginLimitMs, () => end(failed(plugin, `did not end within ${pluginLimitMs / 1_000} s`)));
  const chunks: Buffer[] = [];
  let length = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length > pluginOutputLimitBytes) end(failed(plugin, `printed more than ${pluginOutputLimitBytes} bytes`));
    else chunks.push(chunk);
  });
  child.once('error', error => reject(notStarted(plugin, error)));
  child.once('close', (code, signal) => {
    if (signal !== null) reject(failed(plugin, `was killed by ${signal}`));
    else if (code !== 0) reject(failed(plugin, `ended with code ${code}: run it by hand to see why`));
    else done(Buffer.concat(chunks));
  });
  return promise.finally(cancel);
};

interface Given {
  readonly authorization: Secret | undefined;
  readonly certificate: ClientCertificate | undefined;
  readonly expiresAtMs: number;
}

type Loose = { readonly [name: string]: unknown };
const loose = (value: unknown): Loose => (typeof value === 'object' && value !== null ? (value as Loose) : {});

const parse = (plugin: Plugin, printed: Buffer): Loose => {
  try {
    return loose(JSON.parse(printed.toString('utf8')));
  } catch {
    // The parser's own error would quote what was printed.
    throw failed(plugin, 'printed no JSON');
  }
};

const expiryIn = (plugin: Plugin, value: unknown): number => {
  if (value === undefined || value === null) return Number.POSITIVE_INFINITY;
  const atMs = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(atMs)) throw failed(plugin, 'printed an expirationTimestamp that is no time');
  return atMs;
};

/** Reads an ExecCredential. */
const givenIn = (plugin: Plugin, printed: Buffer): Given => {
  const { kind, apiVersion, status: told } = parse(plugin, printed);
  if (kind !== 'ExecCredential') throw failed(plugin, 'printed no ExecCredential');
  if (apiVersion !== plugin.apiVersion) throw failed(plugin, `printed another apiVersion than ${plugin.apiVersion}`);
  const { token, clientCertificateData: cert, clientKeyData: key, expirationTimestamp } = loose(told);
  if ((typeof cert === 'string') !== (typeof key === 'string'))
    throw failed(plugin, 'printed a certificate without its key, or a key without its certificate');
  const certificate =
    typeof cert === 'string' && typeof key === 'string'
      ? { cert: Buffer.from(cert, 'utf8'), key: Secret.of(key) }
      : undefined;
  const hasToken = typeof token === 'string' && token !== '';
  if (!hasToken && certificate === undefined) throw failed(plugin, 'printed neither a token nor a certificate');
  return {
    authorization: hasToken ? bearer(token, `what the plugin ${plugin.command} printed`) : undefined,
    certificate,
    expiresAtMs: expiryIn(plugin, expirationTimestamp),
  };
};

export interface PluginOptions {
  readonly plugin: Plugin;
  readonly endpoint: Endpoint;
  readonly clock: Clock;
  /** Given to the plugin, with what the kubeconfig adds. */
  readonly environment: ReadonlyMap<string, string>;
  readonly impersonation: Identity['impersonation'];
}

/** One run at a time, whoever asks. */
export const pluginCredentials = (options: PluginOptions): Credentials => {
  const { plugin, endpoint, clock, impersonation } = options;
  let running: Promise<Given> | undefined;
  let given: Given | undefined;
  let ranAtMs = 0;

  const ask = async (): Promise<Given> => {
    given = undefined;
    ranAtMs = clock.monotonic();
    given = givenIn(plugin, await run(options, await infoFor(plugin, endpoint)));
    return given;
  };
  /** A run that failed is not remembered. */
  const runOnce = (): Promise<Given> => {
    running ??= ask().finally(() => (running = undefined));
    return running;
  };

  return {
    current: async () => {
      const usable = given !== undefined && clock.now() < given.expiresAtMs - expiryMarginMs ? given : undefined;
      const { authorization, certificate } = usable ?? (await runOnce());
      return { authorization, certificate, impersonation };
    },
    refused: ({ authorization, certificate }) => {
      // Many calls may be refused for one and the same: the first to hear of it has it replaced.
      if (given === undefined || given.authorization !== authorization || given.certificate !== certificate)
        return true;
      if (clock.monotonic() - ranAtMs < pluginRestMs) return false;
      given = undefined;
      return true;
    },
  };
};

/** The connection of one command: made from its flags and the environment, flags first. */
import { type Coffer, createClient } from '@coffer/client/client.ts';
import type { Runtime } from '@coffer/client/runtime.ts';
import { CofferError } from '@coffer/schema/errors.ts';
import { parseDuration } from '@coffer/schema/duration.ts';
import { boolOf, type Flags } from './flags.ts';
import { globalFlags } from './globals.ts';
import { setting, settingName } from '@coffer/client/environment.ts';
import { curlCommand, neededPolicy, showing } from './intercept.ts';
import type { Io } from './io.ts';
import { currentToken } from './token-file.ts';

export interface Session {
  /** Sends the command's own request, or shows it where that was asked for. */
  readonly client: Coffer;
  /** Always sends: for questions that come before the request. */
  readonly questions: Coffer;
}

export class Settings {
  readonly #flags: Flags;
  readonly #io: Io;

  constructor(flags: Flags, io: Io) {
    this.#flags = flags;
    this.#io = io;
  }

  text(name: string): string | undefined {
    const spec = globalFlags.get(name);
    const given = this.#flags.text(name);
    if (given !== undefined && given !== '') return given;
    return (spec?.env === undefined ? undefined : setting(this.#io.env, spec.env)) ?? spec?.default;
  }

  bool(name: string): boolean {
    if (this.#flags.has(name)) return this.#flags.bool(name);
    const variable = globalFlags.get(name)?.env;
    const value = variable === undefined ? undefined : setting(this.#io.env, variable);
    return value !== undefined && boolOf(settingName(this.#io.env, variable ?? '') ?? name, value);
  }
}

const wholeNumber = /^[0-9]{1,6}$/;

const retriesOf = (io: Io): number => {
  const given = setting(io.env, 'MAX_RETRIES') ?? '0';
  if (!wholeNumber.test(given))
    throw new CofferError('usage', `${settingName(io.env, 'MAX_RETRIES')}: expected a whole number`);
  return Number(given);
};

const timeoutOf = (io: Io): number => {
  const given = setting(io.env, 'CLIENT_TIMEOUT') ?? '60';
  try {
    return parseDuration(given);
  } catch (cause) {
    throw new CofferError('usage', `${settingName(io.env, 'CLIENT_TIMEOUT')}: expected a duration such as 60s`, {
      cause,
    });
  }
};

const runtimeOf = (settings: Settings, io: Io): Promise<Runtime> =>
  io.connect({
    caCert: settings.text('ca-cert'),
    caBytes: setting(io.env, 'CACERT_BYTES'),
    caPath: settings.text('ca-path'),
    clientCert: settings.text('client-cert'),
    clientKey: settings.text('client-key'),
    serverName: settings.text('tls-server-name'),
    skipVerify: settings.bool('tls-skip-verify'),
  });

const shownBy = (settings: Settings, runtime: Runtime): Runtime => {
  if (settings.bool('output-curl-string')) return { ...runtime, transport: showing(curlCommand) };
  if (settings.bool('output-policy')) return { ...runtime, transport: showing(neededPolicy) };
  return runtime;
};

export const openSession = async (flags: Flags, io: Io): Promise<Session> => {
  const settings = new Settings(flags, io);
  const runtime = await runtimeOf(settings, io);
  const options = {
    address: settings.text('agent-address') ?? settings.text('address') ?? '',
    token: await currentToken(io),
    namespace: settings.text('namespace'),
    headers: flags.pairs('header'),
    retries: retriesOf(io),
    timeoutSeconds: timeoutOf(io),
    followRedirect: !settings.bool('disable-redirects'),
  };
  return {
    client: createClient({ ...options, runtime: shownBy(settings, runtime) }),
    questions: createClient({ ...options, runtime }),
  };
};

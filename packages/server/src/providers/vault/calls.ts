/** Requests of one store with the token that it has: a 403 is looked into once, everything else is explained. */
import type { Answer } from '@coffer/client/answer.ts';
import { type Coffer, createClient } from '@coffer/client/client.ts';
import { ServerError } from '@coffer/client/errors.ts';
import type { Request } from '@coffer/client/request.ts';
import type { Runtime } from '@coffer/client/runtime.ts';
import type { Secret } from '@coffer/schema/secret.ts';
import { explained, isForbidden, isFromApi } from './explain.ts';
import type { Session } from './session.ts';
import type { VaultSettings } from './settings.ts';

const defaultTimeoutSeconds = 30;
const defaultRetries = 1;

/** Of one namespace of the server; `token` only where requests bring none of their own. */
export const clientOf = (
  settings: VaultSettings,
  runtime: Runtime,
  { namespace, token }: { readonly namespace: string | undefined; readonly token?: Secret },
): Coffer =>
  createClient({
    address: settings.server,
    namespace,
    token,
    headers: settings.headers,
    retries: settings.retries ?? defaultRetries,
    timeoutSeconds: settings.timeoutSeconds ?? defaultTimeoutSeconds,
    runtime,
  });

const inconsistent: ReadonlyMap<string, string> = new Map([['x-vault-inconsistent', 'forward-active-node']]);

export class Calls {
  readonly #client: Coffer;
  readonly #session: Session;
  readonly #headers: ReadonlyMap<string, string> | undefined;

  constructor(client: Coffer, session: Session, settings: VaultSettings) {
    this.#client = client;
    this.#session = session;
    this.#headers = settings.forwardInconsistent === true ? inconsistent : undefined;
  }

  /** Rejects with a 404 of the API as it is, a `ServerError`; every other failure is explained. */
  async get(path: string, query: ReadonlyMap<string, string> = new Map()): Promise<Answer> {
    const request: Request = { method: 'GET', path, query, headers: this.#headers };
    const token = await this.#session.token();
    try {
      return await this.#client.request({ ...request, token });
    } catch (error) {
      if (!isForbidden(error)) throw await this.#failure(error, path, token);
    }
    return this.#again(request, token);
  }

  /** A 404 after all, for what was `doing`; what was explained already stays as it is. */
  async explained(error: unknown, doing: string): Promise<unknown> {
    if (!(error instanceof ServerError)) return error;
    return explained(this.#client, error, { doing, secrets: [await this.#session.token()] });
  }

  async #again(request: Request, refused: Secret): Promise<Answer> {
    const token = await this.#session.another(refused, `read ${request.path}`);
    try {
      return await this.#client.request({ ...request, token });
    } catch (error) {
      throw await this.#failure(error, request.path, token);
    }
  }

  async #failure(error: unknown, path: string, token: Secret): Promise<unknown> {
    if (error instanceof ServerError && error.status === 404 && isFromApi(error)) return error;
    return explained(this.#client, error, { doing: `read ${path}`, secrets: [token] });
  }
}

/** Single calls to a server under measurement: preparing and cleaning, never measured. */
import http from 'node:http';

export interface Told {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer;
}

export interface Api {
  readonly host: string;
  readonly port: number;
  readonly token: string;
}

export interface Sent {
  readonly body?: string | undefined;
  readonly headers?: { readonly [name: string]: string } | undefined;
}

export const call = ({ host, port, token }: Api, line: string, { body, headers: more }: Sent = {}): Promise<Told> =>
  new Promise((done, failed) => {
    const [method = 'GET', path = '/'] = line.split(' ');
    const headers = { ...more, 'X-Vault-Token': token, 'X-Vault-Request': 'true', Connection: 'close' };
    const request = http.request({ host, port, method, path, headers }, answer => {
      const parts: Buffer[] = [];
      answer.on('data', part => parts.push(part as Buffer));
      answer.on('error', failed);
      answer.on('end', () => {
        const names = answer.rawHeaders.filter((_, at) => at % 2 === 0);
        const pairs = names.map((name, at) => [name, answer.rawHeaders[2 * at + 1] ?? ''] as const);
        done({ status: answer.statusCode ?? 0, headers: pairs, body: Buffer.concat(parts) });
      });
    });
    request.on('error', failed);
    request.end(body);
  });

/** The same, where anything but success is a mistake of the bench. */
export const must = async (api: Api, line: string, body?: unknown): Promise<unknown> => {
  const told = await call(api, line, body === undefined ? {} : { body: JSON.stringify(body) });
  const text = told.body.toString();
  if (told.status >= 300) throw new Error(`${line}: ${told.status} ${text}`);
  return text === '' ? undefined : (JSON.parse(text) as unknown);
};

/** The same request over many connections at once: where several threads listen, some of them are each one's. */
import http from 'node:http';

export interface Answered {
  readonly status: number;
  readonly text: string;
  readonly headers: http.IncomingHttpHeaders;
}

export interface Connections {
  /** Over all of them; in their order. */
  everywhere(method: string, path: string, token?: string): Promise<readonly Answered[]>;
  /** Over one of them: `GET sys/health`. */
  through(index: number, line: string, options?: { token?: string; body?: unknown }): Promise<Answered>;
  close(): void;
}

export const connectionsTo = (address: string, count = 16): Connections => {
  const agents = Array.from({ length: count }, () => new http.Agent({ keepAlive: true, maxSockets: 1 }));
  const through: Connections['through'] = (index, line, { token, body } = {}) =>
    new Promise((done, failed) => {
      const [method = '', path = ''] = line.split(' ');
      const agent = agents[index % count] ?? true;
      const headers = token === undefined ? {} : { 'X-Vault-Token': token };
      const request = http.request(`${address}/v1/${path}`, { method, agent, headers }, answer => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (piece: string) => (text += piece));
        answer.on('error', failed);
        answer.on('end', () => done({ status: answer.statusCode ?? 0, text, headers: answer.headers }));
      });
      request.on('error', failed);
      request.end(body === undefined ? undefined : JSON.stringify(body));
    });
  return {
    through,
    everywhere: (method, path, token) =>
      Promise.all(agents.map((_, index) => through(index, `${method} ${path}`, token === undefined ? {} : { token }))),
    close: () => agents.forEach(agent => agent.destroy()),
  };
};

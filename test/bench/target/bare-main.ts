/** The process of the bare server. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';

export interface BareAnswer {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string;
}

let status = 200;
let headers: string[] = [];
let body = Buffer.alloc(0);

const server = http.createServer((request, response) => {
  const answer = (): void => {
    response.writeHead(status, headers);
    response.end(body);
  };
  if (request.method === 'GET') return answer();
  request.on('data', () => {});
  request.on('end', answer);
});

process.on('message', (taught: BareAnswer) => {
  ({ status } = taught);
  body = Buffer.from(taught.body);
  headers = [...taught.headers.flat(), 'Content-Length', `${body.length}`];
  process.send?.('ready');
});
process.on('disconnect', () => process.exit(0));
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`listening on 127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});

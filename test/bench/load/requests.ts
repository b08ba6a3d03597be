/** Requests as bytes, made before the clock starts where there are few enough of them. */
import type { LoadOrder } from './plan.ts';

const preparedLimit = 10_000;

export type NextRequest = () => Buffer;

export const requestsOf = ({ host, port, token, plan, stock }: LoadOrder): NextRequest => {
  const more = Object.entries(plan.headers ?? {}).map(([name, value]) => `${name}: ${value}\r\n`);
  const make = (number: number, piece = ''): Buffer => {
    const body = plan.body === undefined ? '' : plan.body.replaceAll('{n}', `${number}`).replaceAll('{s}', piece);
    const framing =
      plan.body === undefined ? '' : `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`;
    const target = plan.path.replaceAll('{n}', `${number}`);
    return Buffer.from(
      `${plan.method} ${target} HTTP/1.1\r\nHost: ${host}:${port}\r\nX-Vault-Token: ${token}\r\nX-Vault-Request: true\r\n${more.join('')}${framing}\r\n${body}`,
      'latin1',
    );
  };
  if (stock !== undefined) {
    const all = stock.map((piece, at) => make(at, piece));
    const next = sequence();
    return () => all[next() % all.length] ?? make(0);
  }
  const number = plan.order === 'random' ? randomBelow(plan.keys) : sequence();
  if (plan.keys > preparedLimit) return () => make(number());
  const prepared = Array.from({ length: plan.keys }, (_, at) => make(at));
  const first = make(0);
  return () => prepared[number()] ?? first;
};

const sequence = (): (() => number) => {
  let next = 0;
  return () => next++;
};

/** xorshift32: the same order in every run, and nearly free. */
const randomBelow = (limit: number): (() => number) => {
  let state = 0x9e3779b9;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
};

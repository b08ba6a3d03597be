/** Requests as bytes, made before the clock starts where there are few enough of them. */
import { distributions } from './keys.ts';
import type { LoadOrder, Shape } from './plan.ts';

const preparedKeys = 10_000;
const preparedBytes = 256 * 1024 * 1024;

export type NextRequest = () => Buffer;

export const requestsOf = ({ host, port, token, plan, stock }: LoadOrder, shape: Shape): NextRequest => {
  const more = Object.entries(plan.headers ?? {}).map(([name, value]) => `${name}: ${value}\r\n`);
  const value = 'v'.repeat(shape.valueBytes);
  const template = plan.body?.replaceAll('{v}', value);
  const make = (number: number, piece = ''): Buffer => {
    const body = template === undefined ? '' : template.replaceAll('{n}', `${number}`).replaceAll('{s}', piece);
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
  const number = plan.order === 'random' ? distributions[shape.distribution](plan.keys) : sequence();
  const bytes = plan.keys * (template?.length ?? 0);
  if (plan.keys > preparedKeys || bytes > preparedBytes) return () => make(number());
  const prepared = Array.from({ length: plan.keys }, (_, at) => make(at));
  const first = make(0);
  return () => prepared[number()] ?? first;
};

const sequence = (): (() => number) => {
  let next = 0;
  return () => next++;
};

/** The `cluster` of a kubeconfig: where the API server is, and how it is known. */
import type { Clock } from '../../../contracts/clock.ts';
import type { Endpoint } from '../credentials.ts';
import type { Fields } from './fields.ts';
import { RereadFile } from './rereading.ts';

const urlIn = (fields: Fields, name: string, text: string): URL => {
  if (!URL.canParse(text)) throw fields.fault(name, 'it must be a URL');
  return new URL(text);
};

/** kubectl takes a host alone as well, and means TLS. */
const serverIn = (fields: Fields): URL => {
  const text = fields.need('server');
  const url = urlIn(fields, 'server', /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`);
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw fields.fault('server', 'it must be an https or http URL');
  if (url.username !== '' || url.password !== '') throw fields.fault('server', 'credentials belong to the user');
  return url;
};

const proxyIn = (fields: Fields): string | undefined => {
  const text = fields.text('proxy-url');
  if (text === undefined) return undefined;
  const { protocol } = urlIn(fields, 'proxy-url', text);
  if (protocol !== 'http:' && protocol !== 'https:')
    throw fields.fault('proxy-url', 'only http and https proxies are supported');
  return text;
};

const caIn = (fields: Fields, clock: Clock): Endpoint['ca'] => {
  const data = fields.bytes('certificate-authority-data');
  const path = fields.path('certificate-authority');
  if (data !== undefined || path === undefined) return async () => data;
  const file = new RereadFile(path, clock);
  return () => file.content();
};

/** Throws `usage`. */
export const endpointOf = (fields: Fields, clock: Clock): Endpoint => ({
  url: serverIn(fields),
  ca: caIn(fields, clock),
  serverName: fields.text('tls-server-name'),
  insecure: fields.flag('insecure-skip-tls-verify'),
  proxy: proxyIn(fields),
});

/**
 * Sockets to one API server. Calls share few that are kept open; watches have their own. When certificate, key or
 * authority change, new sockets are made with the new ones, and the old ones end with what they carry.
 */
import { Agent, type AgentOptions } from 'node:http';
import { Agent as SecureAgent } from 'node:https';
import { createSecureContext, type SecureContext } from 'node:tls';
import { callSocketsLimit, idleSocketMs, streamSocketsLimit } from './bounds.ts';
import type { ClientCertificate, Endpoint } from './credentials.ts';

export interface Agents {
  readonly call: Agent;
  readonly stream: Agent;
}

interface Material {
  readonly ca: Uint8Array | undefined;
  readonly certificate: ClientCertificate | undefined;
}

const same = (a: Uint8Array | undefined, b: Uint8Array | undefined): boolean =>
  a === b || (a !== undefined && b !== undefined && Buffer.compare(a, b) === 0);

const sameMaterial = (a: Material, b: Material): boolean =>
  same(a.ca, b.ca) &&
  same(a.certificate?.cert, b.certificate?.cert) &&
  same(a.certificate?.key.reveal(), b.certificate?.key.reveal());

/** Read once: an agent that holds the material itself goes through all of it for the name of each socket. */
const contextOf = ({ ca, certificate }: Material): SecureContext =>
  createSecureContext({
    ...(ca === undefined ? {} : { ca: Buffer.from(ca) }),
    ...(certificate === undefined
      ? {}
      : { cert: Buffer.from(certificate.cert), key: Buffer.from(certificate.key.reveal()) }),
    minVersion: 'TLSv1.2',
  });

const secureOptions = (endpoint: Endpoint, material: Material) => ({
  secureContext: contextOf(material),
  ...(endpoint.serverName === undefined ? {} : { servername: endpoint.serverName }),
  rejectUnauthorized: !endpoint.insecure,
});

const agentsOf = (endpoint: Endpoint, material: Material): Agents => {
  const isSecure = endpoint.url.protocol === 'https:';
  const { proxy } = endpoint;
  const usual: AgentOptions = {
    keepAlive: true,
    keepAliveMsecs: 15_000,
    timeout: idleSocketMs,
    ...(proxy === undefined ? {} : { proxyEnv: { HTTP_PROXY: proxy, HTTPS_PROXY: proxy } }),
  };
  const secure = isSecure ? secureOptions(endpoint, material) : undefined;
  const agent = (options: AgentOptions): Agent =>
    secure === undefined ? new Agent({ ...usual, ...options }) : new SecureAgent({ ...usual, ...options, ...secure });
  return {
    call: agent({ maxSockets: callSocketsLimit, maxFreeSockets: callSocketsLimit, scheduling: 'lifo' }),
    stream: agent({ maxSockets: streamSocketsLimit, maxFreeSockets: 0 }),
  };
};

/** Nothing new goes over it; what is idle ends now, and what is busy when it is done. */
const retire = ({ call }: Agents): void => {
  call.maxFreeSockets = 0;
  for (const sockets of Object.values(call.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
};

export class Pool {
  readonly #endpoint: Endpoint;
  #material: Material | undefined;
  #agents: Agents | undefined;

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint;
  }

  /** The sockets for whoever shows this certificate. Throws Node's own error where authority, certificate or key cannot be read. */
  async agents(certificate: ClientCertificate | undefined): Promise<Agents> {
    const material = { ca: await this.#endpoint.ca(), certificate };
    if (this.#agents !== undefined && this.#material !== undefined && sameMaterial(this.#material, material))
      return this.#agents;
    const agents = agentsOf(this.#endpoint, material);
    if (this.#agents !== undefined) retire(this.#agents);
    this.#material = material;
    this.#agents = agents;
    return agents;
  }

  /** Ends every socket, with what goes over it. */
  close(): void {
    this.#agents?.call.destroy();
    this.#agents?.stream.destroy();
  }
}

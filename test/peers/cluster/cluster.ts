/**
 * A real Kubernetes control plane for one test file: etcd, kube-apiserver, kube-controller-manager as local processes.
 * Ready after some 3 s. There is no node in it: `startFakeKubelet` plays one, where pods are to run.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { need } from '../../counterparts/counterpart.ts';
import { kubernetes } from '../../counterparts/kubernetes.ts';
import { type Api, makeApi } from './api.ts';
import { controllerProgram, etcdProgram, type Plan, serverProgram, writeAuditPolicy } from './control-plane.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { makePki } from './pki.ts';
import { freePort, type Running, start, until } from './processes.ts';

const kubectlLimitMs = 60_000;
const outputLimitBytes = 16 * 1024 * 1024;
const run = promisify(execFile);

/** `test(name, { skip: needCluster.skip }, …)`, or leave the whole file where it says why. */
export const needCluster: { readonly skip: string | false; readonly path: string } = need(kubernetes);

/** The API server alone, for what happens while it is away. Its data stays in etcd. */
export interface ApiServerProcess {
  pid(): number;
  stop(): Promise<void>;
  /** On the same port; resolves when it is ready. */
  start(): Promise<void>;
}

export interface Administrator {
  readonly cert: string;
  readonly key: string;
}

/** An event of the audit log: https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1 */
export interface AuditEvent {
  readonly verb: string;
  readonly requestURI: string;
  readonly userAgent?: string;
  readonly user: { readonly username: string };
  readonly objectRef?: {
    readonly resource?: string;
    readonly namespace?: string;
    readonly name?: string;
    readonly subresource?: string;
  };
  readonly responseStatus?: { readonly code: number };
  readonly stage: string;
}

export interface Cluster {
  /** `https://127.0.0.1:PORT` */
  readonly server: string;
  /** PEM of the authority of the server's certificate and of its clients'. */
  readonly ca: string;
  readonly administrator: Administrator;
  /** Of the administrator. */
  readonly kubeconfig: { readonly path: string; readonly text: string };
  /** Keys, logs and data of it all. */
  readonly folder: string;
  readonly api: Api;
  readonly apiServer: ApiServerProcess;
  /** Answers its stdout; rejects with its stderr. `input` goes to `-f -`. */
  kubectl(args: readonly string[], input?: string): Promise<string>;
  /** What the API server was asked so far, without bodies. */
  audit(): readonly AuditEvent[];
  /** Ends all of it and removes the folder. */
  stop(): Promise<void>;
}

export interface ClusterOptions {
  /** Added to kube-apiserver's own: `--encryption-provider-config=…`, `--audit-webhook-config-file=…` */
  readonly serverFlags?: readonly string[];
}

const isReady = async (api: Api): Promise<true | undefined> =>
  (await api.call('/readyz')).status === 200 ? true : undefined;

const hasDefaultAccount = async (api: Api): Promise<true | undefined> =>
  (await api.call('/api/v1/namespaces/default/serviceaccounts/default')).status === 200 ? true : undefined;

const manageApiServer = (plan: Plan, api: Api, running: Set<Running>): ApiServerProcess => {
  let current: Running | undefined;
  return {
    pid: () => current?.pid ?? -1,
    stop: async () => {
      if (current === undefined) return;
      await current.kill();
      running.delete(current);
      current = undefined;
    },
    start: async () => {
      if (current !== undefined) return;
      current = start(serverProgram(plan));
      running.add(current);
      await until('the API server gets ready', () => isReady(api), [...running]);
    },
  };
};

const readAudit = (folder: string): readonly AuditEvent[] => {
  const file = path.join(folder, 'audit.log');
  if (!existsSync(file)) return [];
  const whole = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return whole.map(line => JSON.parse(line) as AuditEvent);
};

const kubectlWith = async (file: string, args: readonly string[], input = ''): Promise<string> => {
  const options = {
    env: { PATH: process.env['PATH'], HOME: path.dirname(file), KUBECONFIG: file },
    timeout: kubectlLimitMs,
    maxBuffer: outputLimitBytes,
  };
  const asked = run(path.join(needCluster.path, 'kubectl'), [...args], options);
  asked.child.stdin?.on('error', () => undefined).end(input);
  return (await asked).stdout;
};

const makePlan = async (serverFlags: readonly string[]): Promise<Plan> => {
  const folder = mkdtempSync(path.join(tmpdir(), 'cluster-'));
  const [etcdPort, serverPort] = await Promise.all([freePort(), freePort()]);
  await makePki(folder);
  writeAuditPolicy(folder);
  return { programs: needCluster.path, folder, etcdPort, serverPort, serverFlags };
};

/** Rejects with what the program that failed has said. */
export const startCluster = async ({ serverFlags = [] }: ClusterOptions = {}): Promise<Cluster> => {
  if (needCluster.skip !== false) throw new Error(needCluster.skip);
  const plan = await makePlan(serverFlags);
  const { folder } = plan;
  const text = (file: string): string => readFileSync(path.join(folder, file), 'utf8');
  const server = `https://127.0.0.1:${plan.serverPort}`;
  const administrator = { cert: text('admin.crt'), key: text('admin.key') };
  const api = makeApi({ server, ca: text('ca.crt'), ...administrator });
  const kubeconfig = writeKubeconfig(folder, 'admin', server);
  writeKubeconfig(folder, 'controllers', server);
  const running = new Set<Running>();
  const apiServerProcess = manageApiServer(plan, api, running);
  const stop = async (): Promise<void> => {
    await Promise.all([...running].map(program => program.kill()));
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    running.add(start(etcdProgram(plan)));
    await apiServerProcess.start();
    running.add(start(controllerProgram(plan)));
    await until('the default ServiceAccount', () => hasDefaultAccount(api), [...running]);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    server,
    ca: text('ca.crt'),
    administrator,
    kubeconfig: { path: kubeconfig, text: text('admin.kubeconfig') },
    folder,
    api,
    apiServer: apiServerProcess,
    kubectl: (args, input) => kubectlWith(kubeconfig, args, input),
    audit: () => readAudit(folder),
    stop,
  };
};

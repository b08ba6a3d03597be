/** The doctor as people ask it: a child process, with rights of somebody, and with or without a token of the store. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runCoffer } from '../cli-run.ts';
import { refuseLeaks } from '../leaks.ts';
import type { Bed } from '../operator/bed.ts';

export interface Told {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** `stops at`, `because`, `do`; the first line where it stops nowhere. */
  readonly answer: string;
}

export interface Asking {
  /** Default: the administrator's. */
  readonly kubeconfig?: string;
  /** A token of the store. */
  readonly token?: string | undefined;
  /** Where that token is for; default: the store's address. */
  readonly address?: string;
  readonly flags?: readonly string[];
}

const home = mkdtempSync(path.join(tmpdir(), 'doctor-'));

/** Rejects where what is told holds a secret of the test (S11). */
export const ask = async (
  bed: Bed,
  name: string,
  { kubeconfig, token, address, flags = [] }: Asking = {},
): Promise<Told> => {
  const person = token === undefined ? {} : { COFFER_ADDR: address ?? bed.store.address, COFFER_TOKEN: token };
  const file = kubeconfig ?? bed.cluster.kubeconfig.path;
  const args = ['doctor', 'externalsecret', name, '-n', 'default', `-kubeconfig=${file}`, ...flags];
  const { code, out, err } = await runCoffer(args, { home, env: person });
  refuseLeaks(new Map([['what the doctor said', out]]));
  return { code, out, err, answer: out.split('\n\n')[0] ?? '' };
};

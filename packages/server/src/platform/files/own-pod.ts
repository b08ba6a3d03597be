/** What Kubernetes puts into a pod's files about its ServiceAccount. */
import { Secret } from '@coffer/schema/secret.ts';
import type { OwnPod } from '../../contracts/pod.ts';
import { kindOf, readWhole } from './read.ts';

export const serviceAccountFolder = '/var/run/secrets/kubernetes.io/serviceaccount';
const caLimitBytes = 1_048_576;
const tokenLimitBytes = 65_536;
const utf8 = new TextDecoder();

export const ownPod =
  (folder = serviceAccountFolder): OwnPod =>
  async () => {
    if ((await kindOf(`${folder}/token`)) !== 'file') return undefined;
    const [ca, token] = await Promise.all([
      readWhole(`${folder}/ca.crt`, caLimitBytes),
      readWhole(`${folder}/token`, tokenLimitBytes),
    ]);
    return { caPem: utf8.decode(ca), token: Secret.of(utf8.decode(token).trim()) };
  };

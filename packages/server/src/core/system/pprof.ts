/**
 * Rows of `sys/pprof`, which take profiles of a process written in Go elsewhere. There are none to take here, and a caller
 * must not be able to make the server measure itself: all are refused, with what to look at.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import { read } from './context.ts';

const profiles = [
  'allocs',
  'block',
  'cmdline',
  'goroutine',
  'heap',
  'mutex',
  'profile',
  'symbol',
  'threadcreate',
  'trace',
] as const;

export const pprofRows = [
  read(
    'pprof',
    {
      summary: 'Refused: profiles are not taken over the network',
      rootNamespaceOnly: true,
      aliases: ['pprof/', ...profiles.map(name => `pprof/${name}`)],
    },
    () => {
      throw new CofferError(
        'unsupported_operation',
        'profiles are not taken over the network: see sys/metrics, sys/in-flight-req and sys/host-info',
      );
    },
  ),
];

import type { Api } from '@coffer/schema/api.gen.ts';

type Input = Api['sys/mounts/:path*']['write']['in'];

export const input: Input = { path: 'secret', type: 'kv', options: { version: '2' } };

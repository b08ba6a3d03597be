/** node-vault, the Node client. A development dependency: `npm ci` brings it. `path` is its folder. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { root } from '../run/environment.ts';
import type { Counterpart } from './counterpart.ts';

const folder = path.join(root, 'node_modules', 'node-vault');

export const nodeVault: Counterpart = {
  name: 'node-vault',
  getIt: 'Run `npm ci --ignore-scripts`.',
  locate: () => (existsSync(path.join(folder, 'package.json')) ? folder : undefined),
};

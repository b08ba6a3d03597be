/** Every counterpart the suite needs. A new one stands here and in a file of its own, nowhere else. */
import { cCompiler } from './c-compiler.ts';
import type { Counterpart } from './counterpart.ts';
import { goTemplate } from './go-template.ts';
import { hvac } from './hvac.ts';
import { kubernetes } from './kubernetes.ts';
import { nodeVault } from './node-vault.ts';
import { oldNode } from './old-node.ts';
import { postgres15, postgres18 } from './postgres.ts';

export const counterparts: readonly Counterpart[] = [
  nodeVault,
  hvac,
  cCompiler,
  oldNode,
  kubernetes,
  goTemplate,
  postgres15,
  postgres18,
];

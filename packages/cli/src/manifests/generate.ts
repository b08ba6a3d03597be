/** Made-up Secrets for tests: every kind of value, odd names, from a seed that a failure can print. */
import type { KubeSecret } from './kube-secret.ts';

export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = Math.imul(seed, 2_654_435_761) >>> 0;
  }

  /** From 0 up to, not including, `limit`. */
  below(limit: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * limit);
  }

  text(alphabet: string, most: number): string {
    const characters = Array.from(alphabet);
    return Array.from({ length: this.below(most + 1) }, () => characters[this.below(characters.length)] ?? '').join('');
  }
}

const anyText = 'aZ09 \t\n\r"\'\\:#-{}[]&*!|>%@`~,?=<é中😀\u0000\u0007\u2028\ufeff';
const keyText = 'aZ09-_.';
const types = ['Opaque', 'kubernetes.io/tls', 'kubernetes.io/dockerconfigjson', 'kubernetes.io/dockercfg'];
const moreTypes = ['kubernetes.io/basic-auth', 'kubernetes.io/ssh-auth', 'bootstrap.kubernetes.io/token', 'ex.com/own'];
const oddKeys = ['constructor', 'toString', '-', '_', '.a', 'a..b', '8080', 'true', 'null', '1e3'];

const many = <T>(dice: Dice, most: number, make: () => T): T[] => Array.from({ length: dice.below(most + 1) }, make);

const keyOf = (dice: Dice): string =>
  dice.below(3) === 0 ? (oddKeys[dice.below(oddKeys.length)] ?? 'a') : `k${dice.text(keyText, 40)}`;

const valueOf = (dice: Dice): Uint8Array =>
  dice.below(2) === 0
    ? new TextEncoder().encode(dice.text(anyText, 60))
    : Uint8Array.from({ length: dice.below(60) }, () => dice.below(256));

const texts = (dice: Dice, most: number): Map<string, string> =>
  new Map(many(dice, most, () => [`example.com/${keyOf(dice)}`, dice.text(anyText, dice.below(5) === 0 ? 900 : 30)]));

export const anySecret = (dice: Dice): KubeSecret => ({
  namespace: `n${dice.below(3)}`,
  name: `s${dice.text('a0', 5)}.${dice.below(1000)}`,
  type: [...types, ...moreTypes][dice.below(types.length + moreTypes.length)] ?? 'Opaque',
  immutable: dice.below(3) === 0,
  labels: texts(dice, 8),
  annotations: texts(dice, 8),
  data: new Map(many(dice, 6, () => [keyOf(dice), valueOf(dice)])),
});

/** What goes wrong, when, where and for how long. At most two nodes are in trouble at a time, so that somebody serves. */
import type { Cluster } from './cluster.ts';
import type { Node } from './node.ts';
import { noTrouble, type Trouble } from './way.ts';
import type { World } from './world.ts';

const pauseMs = 900;
const longestMs = 3_000;
const longestJumpMs = 50_000;

interface Fault {
  readonly name: string;
  readonly strike: (node: Node, forMs: number, cluster: Cluster) => void;
}

export class Nemesis {
  readonly #world: World;
  readonly #cluster: Cluster;
  #isOver = false;

  constructor(world: World, cluster: Cluster) {
    this.#world = world;
    this.#cluster = cluster;
  }

  #trouble(node: Node, forMs: number, trouble: Partial<Trouble>): void {
    Object.assign(node.way.trouble, trouble);
    this.#world.after(forMs, () => {
      node.way.trouble = noTrouble();
    });
  }

  readonly #faults: readonly Fault[] = [
    { name: 'is cut off', strike: (node, forMs) => this.#trouble(node, forMs, { there: true, back: true }) },
    { name: 'cannot send', strike: (node, forMs) => this.#trouble(node, forMs, { there: true }) },
    { name: 'hears no answers', strike: (node, forMs) => this.#trouble(node, forMs, { back: true }) },
    { name: 'is told of no changes', strike: (node, forMs) => this.#trouble(node, forMs, { deaf: true }) },
    { name: 'has a slow way', strike: (node, forMs) => this.#trouble(node, forMs, { slowestMs: 400 }) },
    { name: 'has its process stopped', strike: ({ machine }, forMs) => machine.stop('process', forMs) },
    { name: 'has its machine stopped', strike: ({ machine }, forMs) => machine.stop('machine', forMs) },
    { name: 'crashes', strike: (node, forMs, cluster) => cluster.crash(node, forMs) },
    {
      name: 'has its clock set',
      strike: ({ machine }) => machine.jump(this.#world.chance.between(-longestJumpMs, longestJumpMs)),
    },
  ];

  start(): void {
    this.#world.after(this.#world.chance.below(2 * pauseMs), () => {
      if (this.#isOver) return;
      const node = this.#world.chance.one(this.#cluster.nodes);
      const fault = this.#world.chance.one(this.#faults);
      const forMs = this.#world.chance.between(50, longestMs);
      this.#world.tell(`${node.name} ${fault.name} for ${forMs}`);
      fault.strike(node, forMs, this.#cluster);
      this.start();
    });
  }

  /** What is wrong ends by itself. */
  stop(): void {
    this.#isOver = true;
  }
}

/** Time for leases to end, for whoever led to be followed, and for one more try. */
export const calmMs = longestMs + 45_000;

/** What goes wrong, when, where and for how long. At most two nodes are in trouble at a time, so that somebody serves. */
import { Chance } from './chance.ts';
import type { Cluster } from './cluster.ts';
import { type DeviceTrouble, noDeviceTrouble } from './device.ts';
import type { Node } from './node.ts';
import { noTrouble, type Trouble } from './way.ts';
import type { World } from './world.ts';

const pauseMs = 900;
const longestMs = 3_000;
const longestJumpMs = 50_000;
/** Chance of its own: a fault that is left out leaves the others as they are. */
const ownStream = 2;

/** Drawn for every fault, whatever it makes of it: those after it stay the same where it is left out. */
interface Size {
  readonly forMs: number;
  readonly jumpMs: number;
}

interface Fault {
  readonly name: string;
  readonly strike: (node: Node, size: Size, cluster: Cluster) => void;
}

export class Nemesis {
  readonly #world: World;
  readonly #cluster: Cluster;
  readonly #chance: Chance;
  readonly #without: ReadonlySet<number>;
  #faultsDrawn = 0;
  #isOver = false;

  /** `without`: numbers of faults that are not to happen. */
  constructor(world: World, cluster: Cluster, without: ReadonlySet<number> = new Set()) {
    this.#world = world;
    this.#cluster = cluster;
    this.#chance = new Chance(world.seed, ownStream);
    this.#without = without;
  }

  #trouble(node: Node, forMs: number, trouble: Partial<Trouble>): void {
    Object.assign(node.way.trouble, trouble);
    this.#world.after(forMs, () => {
      node.way.trouble = noTrouble();
    });
  }

  #deviceTrouble({ device }: Node, forMs: number, trouble: Partial<DeviceTrouble>): void {
    device.trouble = { ...noDeviceTrouble, ...trouble };
    this.#world.after(forMs, () => {
      device.trouble = noDeviceTrouble;
    });
  }

  readonly #faults: readonly Fault[] = [
    { name: 'is cut off', strike: (node, { forMs }) => this.#trouble(node, forMs, { there: true, back: true }) },
    { name: 'cannot send', strike: (node, { forMs }) => this.#trouble(node, forMs, { there: true }) },
    { name: 'hears no answers', strike: (node, { forMs }) => this.#trouble(node, forMs, { back: true }) },
    { name: 'is told of no changes', strike: (node, { forMs }) => this.#trouble(node, forMs, { deaf: true }) },
    { name: 'has a slow way', strike: (node, { forMs }) => this.#trouble(node, forMs, { slowestMs: 400 }) },
    {
      name: 'has its audit device full',
      strike: (node, { forMs }) => this.#deviceTrouble(node, forMs, { full: true }),
    },
    { name: 'has a slow audit device', strike: (node, { forMs }) => this.#deviceTrouble(node, forMs, { lateMs: 300 }) },
    { name: 'has its process stopped', strike: ({ machine }, { forMs }) => machine.stop('process', forMs) },
    { name: 'has its machine stopped', strike: ({ machine }, { forMs }) => machine.stop('machine', forMs) },
    { name: 'crashes', strike: (node, { forMs }, cluster) => cluster.crash(node, forMs) },
    {
      name: 'has its clock set',
      strike: ({ machine }, { jumpMs }) => machine.jump(jumpMs),
    },
  ];

  start(): void {
    this.#world.after(this.#chance.below(2 * pauseMs), () => {
      if (this.#isOver) return;
      const node = this.#chance.one(this.#cluster.nodes);
      const fault = this.#chance.one(this.#faults);
      const forMs = this.#chance.between(50, longestMs);
      const jumpMs = this.#chance.between(-longestJumpMs, longestJumpMs);
      const number = this.#faultsDrawn++;
      if (!this.#without.has(number)) {
        this.#world.tell(`fault ${number}: ${node.name} ${fault.name} for ${forMs}`);
        fault.strike(node, { forMs, jumpMs }, this.#cluster);
      }
      this.start();
    });
  }

  /** How many there were, with those that were left out: they are numbered from 0. */
  get faults(): number {
    return this.#faultsDrawn;
  }

  /** What is wrong ends by itself. */
  stop(): void {
    this.#isOver = true;
  }
}

/** Time for leases to end, for whoever led to be followed, and for one more try. */
export const calmMs = longestMs + 45_000;

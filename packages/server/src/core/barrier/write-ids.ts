/**
 * Ids of commits: `lane 8 ‖ count 8`, big-endian. A lane is drawn once for each process that writes, and counts its commits. So
 * an id is never given twice, and of two records of one lane it is known which was sealed later.
 */
import type { Random } from '../../contracts/random.ts';

const laneBytes = 8;
const countAt = 8;
const idBytes = 16;

export class WriteIds {
  readonly lane: Uint8Array;
  #count = 0;

  constructor(random: Random) {
    this.lane = random.bytes(laneBytes);
  }

  next(): Uint8Array {
    this.#count++;
    const id = new Uint8Array(idBytes);
    id.set(this.lane);
    const view = new DataView(id.buffer);
    view.setUint32(countAt, Math.floor(this.#count / 2 ** 32));
    view.setUint32(countAt + 4, this.#count);
    return id;
  }
}

/** Undefined where the id is not of this lane. */
export const countIn = (lane: Uint8Array, id: Uint8Array): number | undefined => {
  for (let at = 0; at < laneBytes; at++) if (id[at] !== lane[at]) return undefined;
  const view = new DataView(id.buffer, id.byteOffset, idBytes);
  return view.getUint32(countAt) * 2 ** 32 + view.getUint32(countAt + 4);
};

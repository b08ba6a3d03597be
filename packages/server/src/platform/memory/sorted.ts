/**
 * Texts in code unit order, in blocks of bounded length: an insertion moves at most one block's tail, a search is two
 * binary searches. Holds each text once.
 */
const blockLimit = 512;
const mergeLimit = blockLimit / 4;

/** How many of `items` come before `text`. */
const countBefore = (items: readonly string[], text: string): number => {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((items[middle] as string) < text) low = middle + 1;
    else high = middle;
  }
  return low;
};

export class SortedTexts {
  readonly #blocks: string[][] = [[]];
  /** The least text of each block but the first, whose place is ''. */
  readonly #least: string[] = [''];

  #blockOf(text: string): number {
    const before = countBefore(this.#least, text);
    return before < this.#least.length && this.#least[before] === text ? before : Math.max(before - 1, 0);
  }

  #block(index: number): string[] {
    return this.#blocks[index] as string[];
  }

  add(text: string): void {
    const index = this.#blockOf(text);
    const block = this.#block(index);
    const at = countBefore(block, text);
    if (block[at] === text) return;
    block.splice(at, 0, text);
    if (block.length > blockLimit) this.#split(index, block);
  }

  #split(index: number, block: string[]): void {
    const upper = block.splice(blockLimit / 2);
    this.#blocks.splice(index + 1, 0, upper);
    this.#least.splice(index + 1, 0, upper[0] as string);
  }

  remove(text: string): void {
    const index = this.#blockOf(text);
    const block = this.#block(index);
    const at = countBefore(block, text);
    if (block[at] !== text) return;
    block.splice(at, 1);
    if (index === 0) return;
    if (block.length === 0 || block.length + this.#block(index - 1).length < mergeLimit) this.#mergeDown(index, block);
  }

  #mergeDown(index: number, block: readonly string[]): void {
    this.#block(index - 1).push(...block);
    this.#blocks.splice(index, 1);
    this.#least.splice(index, 1);
  }

  /** Texts from `start` on, in order. Not to be used across a change. */
  *from(start: string): Generator<string, void, undefined> {
    const index = this.#blockOf(start);
    yield* this.#block(index).slice(countBefore(this.#block(index), start));
    for (let i = index + 1; i < this.#blocks.length; i++) yield* this.#block(i);
  }
}

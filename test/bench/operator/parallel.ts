/** The same for many, some of them at once. */

/** What the bench asks for at once: enough that it waits for nobody. */
export const width = 16;

export const forAll = async <T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> => {
  const left = items.values();
  const worker = async (): Promise<void> => {
    for (const item of left) await work(item);
  };
  await Promise.all(Array.from({ length: width }, worker));
};

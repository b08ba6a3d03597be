/** Answers whose pieces stand on something that must be given back, whether they are taken or not. */

/** `over` is called once: at the end, at a failure, or when nobody wants the rest; also where none was ever taken. */
export const withEnd = (pieces: AsyncIterable<Uint8Array>, over: () => Promise<void>): AsyncIterable<Uint8Array> => {
  const source = pieces[Symbol.asyncIterator]();
  let isOver = false;
  const end = async (): Promise<void> => {
    if (isOver) return;
    isOver = true;
    await over();
  };
  return {
    [Symbol.asyncIterator]: () => ({
      next: async () => {
        try {
          const step = await source.next();
          if (step.done === true) await end();
          return step;
        } catch (cause) {
          await end();
          throw cause;
        }
      },
      return: async () => {
        await source.return?.();
        await end();
        return { done: true as const, value: undefined };
      },
    }),
  };
};

/** Gives the event loop back: resolves when whatever else is ready had its turn. For long work between two pieces of it. */
export const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve));

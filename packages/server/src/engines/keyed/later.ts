/** Goes on with a value that is mostly there already: without a turn of the event loop where it is. */
export type Maybe<T> = T | Promise<T>;

export const whenThere = <T, R>(value: Maybe<T>, go: (value: T) => Maybe<R>): Maybe<R> =>
  value instanceof Promise ? value.then(go) : go(value);

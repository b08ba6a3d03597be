/**
 * One writer at a time for each key within this process, so that many writers of one secret do not defeat each other:
 * what the revision checks refuse then comes from other processes alone. Waiting writers are bounded by the requests the
 * server has taken in; an entry goes when its last writer is done.
 */
const queues = new WeakMap<object, Map<string, Promise<unknown>>>();

const queueOf = (owner: object): Map<string, Promise<unknown>> => {
  const there = queues.get(owner);
  if (there !== undefined) return there;
  const made = new Map<string, Promise<unknown>>();
  queues.set(owner, made);
  return made;
};

export const inTurn = <T>(owner: object, key: string, task: () => Promise<T>): Promise<T> => {
  const queue = queueOf(owner);
  const before = queue.get(key);
  const mine = before === undefined ? task() : before.then(task, task);
  queue.set(key, mine);
  const leave = (): void => {
    if (queue.get(key) === mine) queue.delete(key);
  };
  mine.then(leave, leave);
  return mine;
};

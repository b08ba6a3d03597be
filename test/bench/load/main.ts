/** The load generator as a process of its own, on a core of its own: takes orders from its parent, one after the other. */
import type { LoadMessage } from './plan.ts';
import { runLoad } from './run.ts';

process.on('message', ({ order, shape }: LoadMessage) => {
  runLoad(order, shape).then(
    result => process.send?.({ result }),
    (cause: unknown) => process.send?.({ failure: cause instanceof Error ? cause.message : 'unknown' }),
  );
});
process.on('disconnect', () => process.exit(0));

/** `doctor`: hands its arguments on; what looks at cluster and store reads its own flags. */
import { type Command, command } from '../command.ts';

const isHelp = (word: string): boolean => /^--?(?:h|help)$/.test(word);

export const doctorCommands: readonly Command[] = [
  command({
    name: 'doctor',
    args: 'externalsecret NAME [-n NAMESPACE] [-kubeconfig=PATH] [-context=NAME] [-format=json]',
    summary: 'Follow a secret from its store to the Kubernetes Secret and its pods, and say where it stops',
    details: 'Changes nothing and shows no value. Exit codes: 0 it stops nowhere, 2 it stops, 1 called wrongly.',
    passes: true,
    run: cx => cx.io.doctor(cx.args.some(isHelp) ? ['-help'] : cx.args),
  }),
];

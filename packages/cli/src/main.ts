/** The `coffer` command: arguments in, exit code out. */
import { dispatch } from './dispatch.ts';
import { faultExit, faultText } from './fault.ts';
import { endWith, openIo } from './platform/process.ts';

const { argv, io } = openIo();
// No `await` at the top: the single executable starts from a script that may not have one.
dispatch(argv, io).then(endWith, (fault: unknown) => {
  io.err(faultText(fault));
  endWith(faultExit);
});

/** The `coffer` command: arguments in, exit code out. */
import { dispatch } from './dispatch.ts';
import { faultExit, faultText } from './fault.ts';
import { endWith, openIo } from './platform/process.ts';

const { argv, io } = openIo();
try {
  endWith(await dispatch(argv, io));
} catch (fault) {
  io.err(faultText(fault));
  endWith(faultExit);
}

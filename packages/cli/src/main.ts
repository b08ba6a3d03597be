/** The `coffer` command: arguments in, exit code out. */
import { dispatch } from './dispatch.ts';
import { endWith, openIo } from './platform/process.ts';

const { argv, io } = openIo();
endWith(await dispatch(argv, io));

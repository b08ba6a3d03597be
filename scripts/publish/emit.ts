/** JavaScript and declarations of the sources, by the project's own compiler. */
import { execFile } from 'node:child_process';
import path from 'node:path';

const limitMs = 120_000;
const outputLimitBytes = 4 * 1024 * 1024;
export const root: string = path.dirname(path.dirname(import.meta.dirname));

/** Writes to `folder` what `config` (from the root) names. Rejects with the compiler's own words. */
export const emit = (config: string, folder: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const compiler = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const args = [compiler, '-p', path.join(root, config), '--outDir', folder, '--pretty', 'false'];
    execFile(
      process.execPath,
      args,
      { cwd: root, timeout: limitMs, maxBuffer: outputLimitBytes },
      (error, stdout, stderr) => {
        if (error === null) resolve();
        else reject(new Error(`nothing is staged: ${config} does not compile:\n${stdout}${stderr}`, { cause: error }));
      },
    );
  });

/**
 * Reads the configuration: files in their order, then the environment. Scalars: the last one counts; listeners and audit
 * devices add up; storage is replaced. All problems are found in one run.
 */
import { CofferError } from '@coffer/schema/errors.ts';
import { HclError } from '@coffer/schema/hcl/error.ts';
import { parseHcl } from '@coffer/schema/hcl/parse.ts';
import { readAnchor } from './anchor.ts';
import { readAudit } from './audit.ts';
import type { Configuration } from './configuration.ts';
import { Environment, type Variables } from './environment.ts';
import { readListeners } from './listener.ts';
import { type Problem, Report, shownProblem } from './problem.ts';
import { readSeal } from './seal.ts';
import { type Placed, readSettings, type Settings } from './settings.ts';
import { readStorage } from './storage.ts';
import { readTelemetry } from './telemetry.ts';
import { readThreads } from './threads.ts';
import { readTop, withEnvironment } from './top.ts';

/** One file, named as the user named it. */
export interface ConfigurationSource {
  readonly name: string;
  readonly text: string;
}

export interface Validated {
  /** Undefined where there are errors. */
  readonly configuration: Configuration | undefined;
  /** Errors and warnings, in the order of the files. */
  readonly problems: readonly Problem[];
}

/** A file that cannot be read as a configuration has no items, and a problem. */
export const parseSource = ({ name, text }: ConfigurationSource, report: Report): Placed[] => {
  try {
    return parseHcl(text).items.map(item => ({ item, file: name }));
  } catch (error) {
    if (!(error instanceof HclError)) throw error;
    report.add('error', { file: name, line: error.line, column: error.column }, error.reason);
    return [];
  }
};

const storageBlocks = (settings: Settings): readonly Placed[] => {
  const blocks = settings.blocks('storage');
  return blocks.length > 0 ? blocks : settings.blocks('backend');
};

const assemble = (settings: Settings, env: Environment, report: Report): Configuration | undefined => {
  const top = readTop(settings, report);
  readTelemetry(settings.blocks('telemetry'), report);
  const listeners = readListeners(settings.blocks('listener'), report, top.maxRequestSeconds);
  const storage = readStorage(storageBlocks(settings), { env, report });
  const seal = readSeal(settings.blocks('seal'), { env, report });
  const audit = readAudit(settings.blocks('audit'), settings.flag('allow_audit_log_prefixing') ?? false, report);
  const anchor = readAnchor(settings.blocks('anchor'), report);
  const requestThreads = readThreads(settings, storage, report);
  if (report.hasErrors || storage === undefined || seal === undefined) return undefined;
  const { maxRequestSeconds: _, ...rest } = top;
  return { ...rest, listeners, storage, seal, audit, anchor, requestThreads };
};

/** Every problem of the configuration, and the configuration itself where none of them is an error. */
export const validateConfiguration = (sources: readonly ConfigurationSource[], variables: Variables): Validated => {
  const report = new Report(sources[0]?.name ?? '-config');
  const items = sources.flatMap(source => parseSource(source, report));
  if (report.hasErrors) return { configuration: undefined, problems: report.problems };
  const env = new Environment(variables);
  const settings = withEnvironment(readSettings('top level', items, report), env);
  const configuration = assemble(settings, env, report);
  return { configuration: report.hasErrors ? undefined : configuration, problems: report.problems };
};

export interface ReadConfiguration {
  readonly configuration: Configuration;
  readonly warnings: readonly Problem[];
}

/** A warning may say why there is an error, as a mistyped `listener` does. */
export const lineOf = (problem: Problem): string =>
  `${problem.severity === 'warning' ? '[WARN] ' : ''}${shownProblem(problem)}`;

/** Throws `CofferError` `usage` with a line for every problem. */
export const readConfiguration = (sources: readonly ConfigurationSource[], variables: Variables): ReadConfiguration => {
  const { configuration, problems } = validateConfiguration(sources, variables);
  if (configuration === undefined) throw new CofferError('usage', problems.map(lineOf).join('\n'));
  return { configuration, warnings: problems };
};

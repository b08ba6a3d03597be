/** A diagnosis in words: the answer first, then every step; or as JSON. */
import type { Diagnosis } from './diagnose.ts';
import type { Finding, Verdict } from './finding.ts';

const marks: { readonly [V in Verdict]: string } = { ok: 'ok', stops: 'STOPS', warning: 'warning', unknown: 'unknown' };
const markWidth = Math.max(...Object.values(marks).map(mark => mark.length));

/** What comes from a cluster and a store is shown on one line, without what would steer a terminal. */
const plain = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim();

const answerOf = ({ stop, findings }: Diagnosis): readonly string[] => {
  if (stop !== undefined)
    return [
      `stops at: ${stop.step}: ${stop.about}`,
      `because:  ${stop.found}`,
      ...(stop.todo === undefined ? [] : [`do:       ${stop.todo}`]),
    ];
  const unknown = findings.filter(({ verdict }) => verdict === 'unknown').length;
  const warnings = findings.filter(({ verdict }) => verdict === 'warning').length;
  if (unknown > 0) return ['no stop was found; not everything could be looked at'];
  return [warnings > 0 ? 'whole, with warnings' : 'whole: from the store to the Secret to the pods'];
};

const lineOf = ({ verdict, about, found, todo }: Finding, width: number): readonly string[] => {
  const indent = ' '.repeat(markWidth + width + 6);
  const line = `  ${marks[verdict].padEnd(markWidth)}  ${plain(about).padEnd(width)}  ${plain(found)}`;
  return todo === undefined || verdict === 'ok' ? [line] : [line, `${indent}do: ${plain(todo)}`];
};

const widthLimit = 48;

export const asText = (diagnosis: Diagnosis): string => {
  const width = Math.min(widthLimit, Math.max(...diagnosis.findings.map(({ about }) => plain(about).length)));
  const lines = diagnosis.findings.flatMap(finding => lineOf(finding, width));
  return `${[...answerOf(diagnosis).map(plain), '', ...lines].join('\n')}\n`;
};

const shown = ({ step, about, found, verdict, todo }: Finding) => ({ step, about, verdict, found, todo });

/** `complete`: everything could be looked at. */
export const asJson = ({ stop, findings }: Diagnosis): string => {
  const told = {
    stops: stop !== undefined,
    complete: findings.every(({ verdict }) => verdict !== 'unknown'),
    stop: stop && shown(stop),
    findings: findings.map(shown),
  };
  return `${JSON.stringify(told, undefined, 2)}\n`;
};

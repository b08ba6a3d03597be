/** Templates of Secrets: the language and its functions, compiled once for each text. */
import type { Rendering } from '../../kubernetes/operator/external-secret/render.ts';
import { sprigFunctions } from '../../delivery/render/sprig/table.ts';
import { compile, rootOf, type Template } from '../../delivery/render/template.ts';
import { Spent } from '../../delivery/render/work.ts';

/** Compiled templates that are kept; they hold no data. */
const keptLimit = 1000;

/** The oldest gives way to the newest. The templates of one object share the limits. */
export const makeRendering = (): Rendering => {
  const kept = new Map<string, Template>();
  const compiled = (name: string, text: string): Template => {
    const key = `${name}\n${text}`;
    const template = kept.get(key) ?? compile({ name, text, functions: sprigFunctions });
    kept.delete(key);
    kept.set(key, template);
    const [oldest] = kept.keys();
    if (kept.size > keptLimit && oldest !== undefined) kept.delete(oldest);
    return template;
  };
  return () => {
    const spent = new Spent();
    return ({ name, text }, data) => compiled(name, text).render(rootOf(data), spent);
  };
};

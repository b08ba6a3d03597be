/** From what was read to what the Secret should hold: as it is, or by its template. Pure but for what templates may draw. */
import { CofferError } from '@coffer/schema/errors.ts';
import type { SecretTemplate } from '../../api/external-secret-target.ts';
import type { RenderResult } from './decide.ts';
import type { Data, Rendered } from './desired.ts';
import type { SeenExternalSecret } from './seen-external-secret.ts';

/** Renders one template. Throws `CofferError` that names place and reason, never a value. */
export type RenderText = (template: { readonly name: string; readonly text: string }, data: Data) => Uint8Array;

/** Begins with one object: its templates have to make do with what one of them may use up. */
export type Rendering = () => RenderText;

/** Templates of one object, those of labels and annotations among them. */
const templatesLimit = 1000;

type Texts = ReadonlyMap<string, string>;

const utf8 = new TextDecoder();
const textsOf = (texts: { readonly [name: string]: string } | undefined): Texts => new Map(Object.entries(texts ?? {}));

class Unrendered extends Error {}

export class Renderer {
  readonly #rendering: Rendering;

  constructor(rendering: Rendering) {
    this.#rendering = rendering;
  }

  render({ object, read }: SeenExternalSecret, data: Data): RenderResult {
    const template = 'spec' in read ? read.spec.target.template : undefined;
    try {
      if (template !== undefined) return { kind: 'rendered', rendered: this.#byTemplate(template, data) };
    } catch (cause) {
      if (cause instanceof Unrendered) return { kind: 'failed', message: cause.message };
      throw cause;
    }
    const { labels, annotations } = object.metadata;
    const metadata = { labels: textsOf(labels), annotations: textsOf(annotations), finalizers: [] };
    return { kind: 'rendered', rendered: { type: undefined, data, ...metadata } };
  }

  #byTemplate(template: SecretTemplate, data: Data): Rendered {
    const { type, metadata, mergePolicy } = template;
    const all = allWith(this.#rendering(), data);
    const count = [template.data, metadata?.labels, metadata?.annotations].reduce(
      (sum, one) => sum + (one?.size ?? 0),
      0,
    );
    if (count > templatesLimit) throw new Unrendered(`more than ${templatesLimit} templates`);
    const made = all(template.data);
    const isWhole = (template.data?.size ?? 0) === 0 || mergePolicy === 'Merge';
    return {
      type: type ?? 'Opaque',
      data: isWhole ? new Map([...data, ...made]) : made,
      labels: asTexts(all(metadata?.labels)),
      annotations: asTexts(all(metadata?.annotations)),
      finalizers: metadata?.finalizers ?? [],
    };
  }
}

const asTexts = (made: Data): Texts => new Map([...made].map(([name, bytes]) => [name, utf8.decode(bytes)]));

const allWith =
  (render: RenderText, data: Data) =>
  (templates: Texts | undefined): Data =>
    new Map([...(templates ?? [])].map(([name, text]) => [name, oneOf(() => render({ name, text }, data), name)]));

const oneOf = (render: () => Uint8Array, name: string): Uint8Array => {
  try {
    return render();
  } catch (cause) {
    if (!(cause instanceof CofferError)) throw cause;
    throw new Unrendered(`unable to execute template at key ${name}: ${cause.publicMessage}`);
  }
};

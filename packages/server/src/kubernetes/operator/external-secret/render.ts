/** From what was read to what the Secret should hold: as it is, or by its template. Pure but for what templates may draw. */
import { CofferError } from '@coffer/schema/errors.ts';
import type { SecretTemplate } from '../../api/external-secret-target.ts';
import type { RenderResult } from './decide.ts';
import type { Data, Rendered } from './desired.ts';
import type { SeenExternalSecret } from './seen-external-secret.ts';

/** Renders one template. Throws `CofferError` that names place and reason, never a value. */
export type RenderText = (template: { readonly name: string; readonly text: string }, data: Data) => Uint8Array;

type Texts = ReadonlyMap<string, string>;

const utf8 = new TextDecoder();
const textsOf = (texts: { readonly [name: string]: string } | undefined): Texts => new Map(Object.entries(texts ?? {}));

class Unrendered extends Error {}

export class Renderer {
  readonly #renderText: RenderText;

  constructor(renderText: RenderText) {
    this.#renderText = renderText;
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
    const made = this.#all(template.data, data);
    const isWhole = (template.data?.size ?? 0) === 0 || mergePolicy === 'Merge';
    return {
      type: type ?? 'Opaque',
      data: isWhole ? new Map([...data, ...made]) : made,
      labels: this.#texts(metadata?.labels, data),
      annotations: this.#texts(metadata?.annotations, data),
      finalizers: metadata?.finalizers ?? [],
    };
  }

  #all(templates: Texts | undefined, data: Data): Data {
    return new Map([...(templates ?? [])].map(([name, text]) => [name, this.#one(name, text, data)]));
  }

  #texts(templates: Texts | undefined, data: Data): Texts {
    return new Map([...this.#all(templates, data)].map(([name, bytes]) => [name, utf8.decode(bytes)]));
  }

  #one(name: string, text: string, data: Data): Uint8Array {
    try {
      return this.#renderText({ name, text }, data);
    } catch (cause) {
      if (!(cause instanceof CofferError)) throw cause;
      throw new Unrendered(`unable to execute template at key ${name}: ${cause.publicMessage}`);
    }
  }
}

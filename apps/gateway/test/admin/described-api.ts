import { Ajv2020 } from 'ajv/dist/2020.js';
import type { StateSnapshot } from '../../src/admin/snapshot.ts';
import { type AdminAnswer, type AdminAsk, askAdmin, writing } from '../testing/ask-admin.ts';

interface Described {
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
  }[];
  readonly requestBody?: { readonly required?: boolean };
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { schema: object }>> }>
  >;
}

/** Every possible member of an answer; the answer is checked before this type is assumed. */
interface SomeAnswer extends StateSnapshot {
  readonly effect: string;
  readonly error: { readonly message: string };
}

/** A gateway's OpenAPI document, and answers that have to match it. */
export class DescribedApi {
  readonly #scene: { readonly adminUrl: string };
  readonly document: {
    readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
    readonly components: object;
  };
  readonly #headers: Readonly<Record<string, string>>;

  private constructor(
    scene: { readonly adminUrl: string },
    headers: Readonly<Record<string, string>>,
    document: DescribedApi['document'],
  ) {
    this.#scene = scene;
    this.#headers = headers;
    this.document = document;
  }

  /** Reads the document. */
  static async of(
    scene: { readonly adminUrl: string },
    headers: Readonly<Record<string, string>> = {},
  ): Promise<DescribedApi> {
    const { text } = await askAdmin(scene, '/admin/openapi.json', { headers });
    return new DescribedApi(scene, headers, JSON.parse(text) as DescribedApi['document']);
  }

  /** Sends a request, and throws unless the document describes the answer. */
  async ask(
    path: string,
    { headers, ...ask }: AdminAsk = {},
  ): Promise<AdminAnswer & { readonly json: SomeAnswer }> {
    const answer = await askAdmin(this.#scene, path, { ...ask, headers: { ...this.#headers, ...headers } });
    return { ...answer, json: this.#check(path, ask.method ?? 'GET', answer) as SomeAnswer };
  }

  /** Requests a change. */
  write(path: string, body: unknown = {}, method = 'POST') {
    return this.ask(path, { method, headers: writing, body: JSON.stringify(body) });
  }

  #check(path: string, method: string, { status, headers, text }: AdminAnswer): unknown {
    const template = Object.keys(this.document.paths).find((one) =>
      new RegExp(`^${one.replace(/\{\w+\}/g, '[^/]+')}$`).test(path.replace(/\?.*/, '')),
    );
    const response = this.document.paths[template ?? '']?.[method.toLowerCase()]?.responses[status];
    if (response === undefined)
      throw new Error(`${method} ${path} answered ${status}, which is not described: ${text}`);
    if (response.content === undefined) {
      if (text !== '') throw new Error(`${method} ${path} answered ${status} with a body: ${text}`);
      return undefined;
    }
    const schema = response.content[headers['content-type'] as string]?.schema;
    if (schema === undefined)
      throw new Error(`${path} answered ${headers['content-type']}, which is not described`);
    const json: unknown = /json/.test(String(headers['content-type'])) ? JSON.parse(text) : text;
    const ajv = new Ajv2020({ strict: false, formats: { date: /^\d{4}-\d{2}-\d{2}$/ } });
    const check = ajv.compile({ ...schema, components: this.document.components });
    if (!check(json)) throw new Error(`${method} ${path}: ${ajv.errorsText(check.errors)}\n${text}`);
    return json;
  }
}

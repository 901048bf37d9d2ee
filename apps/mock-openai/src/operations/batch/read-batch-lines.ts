/** One request of a batch. */
export interface BatchRequest {
  readonly customId: string;
  /** The operation it calls, after the version: `chat/completions`. */
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A problem with a line of a batch's file. */
interface BatchError {
  readonly code: string;
  readonly line: number;
  readonly message: string;
  readonly param: string | null;
}

/** The requests of a batch, or all problems of its file. */
export type BatchLines =
  | { readonly kind: 'requests'; readonly requests: readonly BatchRequest[] }
  | { readonly kind: 'wrong'; readonly errors: readonly BatchError[] };

/** Reads a batch's file, one request in JSON per line, all of them for the same endpoint. */
export function readBatchLines(bytes: Buffer, endpoint: string): BatchLines {
  const errors: BatchError[] = [];
  const requests: BatchRequest[] = [];
  for (const [index, text] of bytes.toString().split('\n').entries()) {
    if (text.trim() === '') continue;
    const line = index + 1;
    const request = readLine(text);
    if (request === undefined) {
      const message = 'This line is not parseable as valid JSON.';
      errors.push({ code: 'invalid_json_line', line, message, param: null });
    } else if (request.path !== pathOf(endpoint)) {
      const message = 'The URL provided for this request does not match the batch endpoint.';
      errors.push({ code: 'mismatched_endpoint', line, message, param: 'url' });
    } else requests.push(request);
  }
  if (errors.length > 0) return { kind: 'wrong', errors };
  if (requests.length > 0) return { kind: 'requests', requests };
  const message = 'The input file is empty.';
  return { kind: 'wrong', errors: [{ code: 'empty_file', line: 1, message, param: null }] };
}

function readLine(text: string): BatchRequest | undefined {
  const line = parse(text);
  if (typeof line !== 'object' || line === null) return undefined;
  const { custom_id: customId, url, body } = line as Record<string, unknown>;
  if (typeof customId !== 'string' || typeof url !== 'string') return undefined;
  if (typeof body !== 'object' || body === null) return undefined;
  return { customId, path: pathOf(url), body: body as Record<string, unknown> };
}

/**
 * Reads the part of an endpoint after the version: Azure accepts `/chat/completions`, OpenAI `/v1/chat/completions`.
 */
export function pathOf(url: string): string {
  return url.replace(/^\/(v1\/)?/, '');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

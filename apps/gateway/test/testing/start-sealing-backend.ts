import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { startHttpBackend, type TestBackend } from './start-backend.ts';

/** A backend that answers with reasoning that only it can read. */
export interface SealingBackend extends TestBackend {
  /** Its requests (method and path), and their results. */
  readonly calls: string[];
  /** The answer to the next requests instead, until it is changed. */
  refusal: { readonly status: number; readonly headers?: Readonly<Record<string, string>> } | undefined;
  /** The deployment that has no quota left. */
  throttles?: string;
}

interface Item {
  readonly id?: string;
  readonly type?: string;
  readonly encrypted_content?: string;
}

interface Body {
  readonly input: string | readonly Item[];
  readonly stream?: boolean;
  readonly model?: string;
}

/** A backend's message when it cannot read another's sealed content; by default Azure's own. */
const CANNOT_READ: object = {
  message: 'The encrypted content gAAA...CQ== could not be verified.',
  type: 'invalid_request_error',
  param: null,
  code: 'invalid_encrypted_content',
};

/** Starts one whose seals begin with its name. */
export async function startSealingBackend(name: string, cannotRead = CANNOT_READ): Promise<SealingBackend> {
  const calls: string[] = [];
  const { url } = await startHttpBackend(async (req, res) => {
    const body = await jsonOf(req);
    const status = answer(req, res, body);
    calls.push(`${req.method} ${req.url} ${status}`);
  });
  const backend: SealingBackend = { url, calls, refusal: undefined };

  const answer = (req: IncomingMessage, res: ServerResponse, { input = [], stream, model }: Body): number => {
    if (backend.refusal !== undefined) {
      const { status, headers } = backend.refusal;
      sendJson(req, res, status, { error: { code: String(status), message: 'Not now.' } }, headers);
      return status;
    }
    if (model !== undefined && model === backend.throttles) {
      sendJson(req, res, 429, { error: { code: '429', message: 'Not now.' } }, { 'retry-after': '7' });
      return 429;
    }
    if (req.method === 'GET') {
      sendJson(req, res, 404, { error: { code: '404', message: 'Resource not found' } });
      return 404;
    }
    const items = typeof input === 'string' ? [] : input;
    const foreign = items.find(({ encrypted_content: seal }) => seal !== undefined && !seal.startsWith(name));
    if (foreign !== undefined && stream) {
      sendEvents(res, [{ type: 'error', ...cannotRead }]);
      return 200;
    }
    if (foreign !== undefined) {
      sendJson(req, res, 400, { error: cannotRead });
      return 400;
    }
    const response = responseOf(name, req.url?.endsWith('/compact') ?? false);
    if (stream) sendEvents(res, eventsOf(response));
    else sendJson(req, res, 200, response);
    return 200;
  };
  return backend;
}

async function jsonOf(req: IncomingMessage): Promise<Body> {
  let text = '';
  for await (const chunk of req) text += String(chunk);
  return JSON.parse(text === '' ? '{"input":[]}' : text) as Body;
}

function responseOf(name: string, isCompacted: boolean) {
  const seal = () => `${name}+/${randomBytes(3000).toString('base64')}`;
  const kind = isCompacted
    ? { id: 'cmp_1', type: 'compaction' }
    : { id: 'rs_1', type: 'reasoning', summary: [] };
  const message = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    content: [{ type: 'output_text', text: name }],
  };
  return {
    id: 'resp_1',
    object: isCompacted ? 'response.compaction' : 'response',
    status: 'completed',
    output: [{ ...kind, encrypted_content: seal() }, message],
  };
}

function eventsOf(response: ReturnType<typeof responseOf>): object[] {
  const items = response.output.flatMap((item, output_index) =>
    ['added', 'done'].map((step) => ({ type: `response.output_item.${step}`, output_index, item })),
  );
  return [
    { type: 'response.created', response: { ...response, output: [] } },
    ...items,
    { type: 'response.completed', response },
  ];
}

function sendEvents(res: ServerResponse, events: readonly object[]): void {
  res.setHeader('content-type', 'text/event-stream');
  for (const event of events) res.write(`data: ${JSON.stringify(event)}\n\n`);
  res.end();
}

function sendJson(
  req: IncomingMessage,
  res: ServerResponse,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  const isPacked = status === 200 && req.headers['accept-encoding'] === 'gzip';
  res.writeHead(status, {
    ...headers,
    'content-type': 'application/json',
    ...(isPacked ? { 'content-encoding': 'gzip' } : undefined),
  });
  const json = JSON.stringify(body);
  res.end(isPacked ? gzipSync(json) : json);
}

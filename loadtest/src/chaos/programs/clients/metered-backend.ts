import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Chance } from '../../chance.ts';
import type { AnswerLedger } from './answer-ledger.ts';
import { answerWell, type AskedBody, endStream } from './answer-well.ts';
import { listenOn } from '../../../process/listen-on.ts';

const THROTTLED = { error: { code: '429', message: 'Please retry after 1 second.' } };
const FAILED = { error: { code: 'InternalServerError', message: 'It failed.' } };
const REFUSED = {
  error: {
    code: '401',
    message:
      'Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource.',
  },
};
/** How often each kind of answer is drawn while backends misbehave. */
const TROUBLE = { well: 76, throttled: 8, failed: 5, reset: 4, cut: 4, slow: 3 } as const;
const SLOW_MS = 150;

/** A backend that counts the usage in its answers, and accepts only some keys. */
export class MeteredBackend {
  readonly name: string;
  /** The accepted keys. */
  readonly accepted = new Set<string>();
  readonly byStatus = new Map<number, number>();
  /** Requests that have come, including refused ones. */
  requests = 0;
  /** Requests that it reset. */
  resets = 0;
  /** The key of the last request. */
  lastKey = '';
  /** Whether it answers well, whatever was drawn. */
  isCalm = true;
  url = '';
  readonly #ledger: AnswerLedger;
  readonly #chance: Chance;
  readonly #open = new Set<ServerResponse>();
  readonly #server = createServer((request, response) => void this.#serve(request, response));

  constructor(name: string, ledger: AnswerLedger, seed: number) {
    this.name = name;
    this.#ledger = ledger;
    this.#chance = new Chance('backend', seed, name);
  }

  /** Requests that came with an accepted key. */
  get taken(): number {
    return this.requests - (this.byStatus.get(401) ?? 0);
  }

  async listen(): Promise<void> {
    this.url = await listenOn(this.#server);
  }

  /** Ends the streams that are open until then. */
  endLong(): void {
    for (const response of this.#open) endStream(response);
    this.#open.clear();
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => {});
    this.requests += 1;
    this.lastKey = String(request.headers['api-key']);
    // A key that is accepted when a request comes is accepted for all of it.
    const isAccepted = this.accepted.has(this.lastKey);
    const body = await bodyOf(request).catch(() => undefined);
    if (body === undefined) return;
    if (!isAccepted) return this.#answer(response, 401, REFUSED);
    const kind = this.isCalm ? 'well' : this.#chance.weigh(TROUBLE);
    if (kind === 'throttled') return this.#answer(response, 429, THROTTLED, { 'retry-after-ms': '20' });
    if (kind === 'failed') return this.#answer(response, 500, FAILED);
    if (kind === 'reset') {
      this.resets += 1;
      return void request.socket.resetAndDestroy();
    }
    if (kind === 'slow') await new Promise((resolve) => setTimeout(resolve, SLOW_MS));
    this.#count(200);
    const answer = this.#ledger.begin(body.user, !request.url?.includes('/embeddings'));
    if (body.isLong === true) this.#open.add(response);
    await answerWell(request.url ?? '', body, answer, response, kind === 'cut');
  }

  #answer(
    response: ServerResponse,
    status: number,
    body: object,
    headers: Record<string, string> = {},
  ): void {
    this.#count(status);
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  }

  #count(status: number): void {
    this.byStatus.set(status, (this.byStatus.get(status) ?? 0) + 1);
  }
}

async function bodyOf(request: IncomingMessage): Promise<AskedBody> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += String(chunk);
  return JSON.parse(text) as AskedBody;
}

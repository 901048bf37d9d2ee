import { setTimeout as sleep } from 'node:timers/promises';
import { Chance } from '../../chance.ts';
import type { Findings } from '../../evidence/findings.ts';
import { type AnswerLedger, tokensOf } from './answer-ledger.ts';
import { CLIENTS, type Credentials } from './credentials.ts';
import { type Call, type CallEnd, sendCall } from './send-call.ts';

const CALLS_PER_SECOND = 200;
const MAX_TOGETHER = 100;
const CHAT = '/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21';
const KINDS = { chat: 4, stream: 3, telling: 2, embeddings: 1, response: 1 } as const;
type Kind = keyof typeof KINDS;

/** The parts that the clients work with. */
export interface TrafficParts {
  readonly port: number;
  readonly seed: number;
  readonly credentials: Credentials;
  readonly ledger: AnswerLedger;
  readonly findings: Findings;
}

/** Clients that send requests at a steady rate, and count the usage of the answers they received. */
export class Traffic {
  readonly #parts: TrafficParts;
  /** The usage of complete answers, in tokens, by client. */
  readonly gotTokens = new Map<string, number>(CLIENTS.map((client) => [client, 0]));
  /** The id of each complete answer of a backend, by the request's id in the gateway's log. */
  readonly wholeAnswers = new Map<string, string>();
  readonly byStatus = new Map<number | 'left' | 'broken', number>();
  sent = 0;
  /** Whether no request may fail. */
  isCalm = true;

  constructor(parts: TrafficParts) {
    this.#parts = parts;
  }

  /** Sends requests until stopped, and resolves when they are over. */
  async run(over: AbortSignal): Promise<void> {
    const startedMs = performance.now();
    const running = new Set<Promise<void>>();
    for (let number = 0; !over.aborted; number++) {
      const waitMs = startedMs + (number * 1000) / CALLS_PER_SECOND - performance.now();
      if (waitMs > 0) await sleep(waitMs);
      // A machine without time for the rate gets as much as it can handle.
      while (running.size >= MAX_TOGETHER) await Promise.race(running);
      const sending = this.#send(this.sent).finally(() => running.delete(sending));
      running.add(sending);
    }
    await Promise.all(running);
  }

  /** Opens streams that stay open until the backends end them. Resolves when they are over. */
  async holdStreams(count: number): Promise<void> {
    const one = (_: unknown, number: number) => {
      const client = CLIENTS[number % CLIENTS.length] as string;
      const asked = callOf(number % 2 === 0 ? 'telling' : 'stream', client);
      return this.#finish(client, { ...asked, body: { ...asked.body, isLong: true } }, 'a long stream');
    };
    await Promise.all(Array.from({ length: count }, one));
  }

  async #send(number: number): Promise<void> {
    const chance = new Chance('call', this.#parts.seed, number);
    const client = chance.pick(CLIENTS);
    const kind = chance.weigh(KINDS);
    const leavesAfterMs = !this.isCalm && chance.is(0.05) ? chance.between(1, 60) : undefined;
    await this.#finish(client, { ...callOf(kind, client), leavesAfterMs }, `request ${number}, ${kind}`);
  }

  async #finish(client: string, call: Omit<Call, 'headers'>, what: string): Promise<void> {
    this.sent += 1;
    const { isCalm } = this;
    const { headers, done } = this.#parts.credentials.take(client);
    const end = await sendCall(this.#parts.port, { ...call, headers }, done);
    const { status, isWhole, text } = end;
    if (isWhole && status === 200) this.#take(client, call, end);
    else if (isCalm) {
      const shown = `${status} ${text.slice(-300)}`;
      this.#parts.findings.add('served', `${what} of ${client} did not succeed: ${shown}`);
    }
    const how =
      isWhole && status !== undefined ? status : call.leavesAfterMs === undefined ? 'broken' : 'left';
    this.byStatus.set(how, (this.byStatus.get(how) ?? 0) + 1);
  }

  #take(client: string, { body }: Omit<Call, 'headers'>, { text, id }: CallEnd): void {
    const { findings, ledger } = this.#parts;
    const answer = ledger.find(text);
    if (answer === undefined || answer.client !== client || id === undefined) {
      findings.add('ledgers', `the answer of ${client} is no answer to it: ${text.slice(0, 300)}`);
      return;
    }
    if ('stream' in body && text.includes('"usage"') !== 'stream_options' in body)
      findings.add('ledgers', `a stream does not tell its usage as it was asked to: ${text.slice(-300)}`);
    this.wholeAnswers.set(id, answer.id);
    this.gotTokens.set(client, (this.gotTokens.get(client) ?? 0) + tokensOf(answer));
  }
}

function callOf(kind: Kind, user: string): Omit<Call, 'headers'> {
  const messages = [{ role: 'user', content: 'Hello' }];
  const model = 'gpt-4o';
  switch (kind) {
    case 'chat':
      return { path: CHAT, body: { messages, user } };
    case 'stream':
      return { path: CHAT, body: { messages, user, stream: true } };
    case 'telling':
      return {
        path: CHAT,
        body: { messages, user, stream: true, stream_options: { include_usage: true } },
      };
    case 'embeddings':
      return { path: '/openai/v1/embeddings', body: { model: 'embed', input: 'Hello', user } };
    case 'response':
      return { path: '/openai/v1/responses', body: { model, input: 'Hello', user, store: false } };
  }
}

import type { AttemptRecord, Backend } from '@spillway/core';
import type { Exchange, Sink } from '../exchange.ts';
import { DeploymentNames } from '../metrics/deployment-names.ts';
import type { Metric } from '../metrics/metric.ts';
import { Registry } from '../metrics/registry.ts';
import { genAiOperation, operationName } from './operation-name.ts';
import { errorTypeOf } from './span-attributes.ts';

const MS = 1000;
const OF_MODEL = ['gen_ai.operation.name', 'gen_ai.provider.name', 'gen_ai.request.model'];
const PROVIDER = 'azure.ai.openai';

const httpDuration: Metric = {
  name: 'http.server.request.duration',
  type: 'histogram',
  labels: ['http.request.method', 'http.route', 'http.response.status_code'],
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120],
  help: 'Duration of HTTP server requests.',
};
const inferenceDuration: Metric = {
  name: 'gen_ai.client.inference.duration',
  type: 'histogram',
  labels: [...OF_MODEL, 'error.type'],
  buckets: [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92],
  help: 'Duration of inference at backends.',
};
const usage = (kind: string): Metric => ({
  name: `gen_ai.client.inference.usage.${kind}`,
  type: 'counter',
  labels: OF_MODEL,
  help: 'Tokens as answers tell them.',
});

/** Counts by the names that the HTTP and GenAI conventions have for it, which are only sent by OTLP. Estimates are no part of it. */
export class ConventionMetrics implements Sink {
  readonly registry = new Registry();
  readonly #names: DeploymentNames;
  readonly #http = this.registry.histogram(httpDuration);
  readonly #inference = this.registry.histogram(inferenceDuration);
  readonly #input = this.registry.counter(usage('input_tokens'));
  readonly #output = this.registry.counter(usage('output_tokens'));
  readonly #cached = this.registry.counter(usage('cache_read.input_tokens'));
  readonly #reasoning = this.registry.counter(usage('reasoning.output_tokens'));

  constructor(backends: readonly Backend[]) {
    this.#names = new DeploymentNames(backends);
  }

  /** Takes the names of another configuration as well. */
  add(backends: readonly Backend[]): void {
    this.#names.add(backends);
  }

  record(exchange: Exchange): void {
    const { method, operation, clientStatus, startedMs, endedMs, attempts } = exchange;
    const route = `/${operationName(operation)}`;
    this.#http(method || '_OTHER', route, String(clientStatus)).observe((endedMs - startedMs) / MS);
    for (const attempt of attempts) this.#noteAttempt(exchange, attempt);
  }

  #noteAttempt({ operation, served, usage: told, endedMs }: Exchange, attempt: AttemptRecord): void {
    const { deployment, outcome, startedMs, durationMs } = attempt;
    const model = this.#names.labelOf(deployment, outcome.kind === 'succeeded');
    const labels = [genAiOperation(operation), PROVIDER, model];
    const lastedMs = attempt === served ? endedMs - startedMs : durationMs;
    this.#inference(...labels, errorTypeOf(outcome) ?? '').observe(lastedMs / MS);
    if (attempt !== served || told === undefined) return;
    this.#input(...labels).add(told.promptTokens);
    this.#output(...labels).add(told.outputTokens);
    this.#cached(...labels).add(told.cachedTokens);
    this.#reasoning(...labels).add(told.reasoningTokens);
  }
}

import type { AttemptRecord } from '@spillway/core';
import { METHODS } from '../../methods.ts';
import type { Exchange, Sink } from '../exchange.ts';
import type { DeploymentNames } from '../metrics/deployment-names.ts';
import type { Metric } from '../metrics/metric.ts';
import { type Family, Registry } from '../metrics/registry.ts';
import type { Counter, Histogram } from '../metrics/series.ts';
import { genAiOperation, operationName } from './operation-name.ts';
import { attemptErrorType, requestErrorType } from './span-attributes.ts';

const MS = 1000;
const OF_MODEL = ['gen_ai.operation.name', 'gen_ai.provider.name', 'gen_ai.request.model'];
const PROVIDER = 'azure.ai.openai';

const httpDuration: Metric = {
  name: 'http.server.request.duration',
  type: 'histogram',
  labels: ['http.request.method', 'http.route', 'http.response.status_code', 'error.type'],
  numbers: ['http.response.status_code'],
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
  help: 'Tokens as answers report them.',
});

/** The durations of one operation’s requests, by status. */
interface OfOperation {
  readonly interrupted: Map<number, Histogram>;
  readonly others: Map<number, Histogram>;
}

/** Counters of the requests for one deployment. */
interface OfModel {
  /** By the type of the error. */
  readonly inference: Map<string, Histogram>;
  /** Created when an answer first reports any. */
  tokens: TokenCounters | undefined;
}

interface TokenCounters {
  readonly input: Counter;
  readonly output: Counter;
  readonly cached: Counter;
  readonly reasoning: Counter;
}

/**
 * Counts under the names of the HTTP and GenAI conventions, which are only pushed over OTLP. Estimates are left out.
 * Each series is found once and kept.
 */
export class ConventionMetrics implements Sink {
  /** In a registry of their own, so that whatever paths clients request, deployments have series. */
  readonly #ofRequests = new Registry();
  readonly #ofModels = new Registry();
  readonly #names: DeploymentNames;
  readonly #http = this.#ofRequests.histogram(httpDuration);
  readonly #inference = this.#ofModels.histogram(inferenceDuration);
  readonly #input = this.#ofModels.counter(usage('input_tokens'));
  readonly #output = this.#ofModels.counter(usage('output_tokens'));
  readonly #cached = this.#ofModels.counter(usage('cache_read.input_tokens'));
  readonly #reasoning = this.#ofModels.counter(usage('reasoning.output_tokens'));
  /** By method and operation. */
  readonly #requests = new Map<string, Map<string, OfOperation>>();
  /** By operation and the deployment's name. */
  readonly #models = new Map<string, Map<string, OfModel>>();

  constructor(names: DeploymentNames) {
    this.#names = names;
  }

  get families(): readonly Family[] {
    return [...this.#ofRequests.families, ...this.#ofModels.families];
  }

  /** The number of series that were not created, as there were too many. */
  get dropped(): number {
    return this.#ofRequests.dropped + this.#ofModels.dropped;
  }

  record(exchange: Exchange): void {
    const { startedMs, endedMs, attempts } = exchange;
    const operation = operationName(exchange.operation);
    this.#requestsOf(exchange, operation).observe((endedMs - startedMs) / MS);
    for (const attempt of attempts) this.#noteAttempt(exchange, operation, attempt);
  }

  #noteAttempt(exchange: Exchange, operation: string, attempt: AttemptRecord): void {
    const { served, usage: told, endedMs } = exchange;
    const { deployment, outcome, startedMs, durationMs } = attempt;
    const model = this.#names.labelOf(deployment, outcome.kind === 'succeeded');
    const ofModel = this.#modelOf(operation, model);
    const lastedMs = attempt === served ? endedMs - startedMs : durationMs;
    const errorType = attemptErrorType(exchange, attempt) ?? '';
    const make = () => this.#inference(genAiOperation(operation), PROVIDER, model, errorType);
    keptOf(ofModel.inference, errorType, make).observe(lastedMs / MS);
    if (attempt !== served || told === undefined) return;
    const { input, output, cached, reasoning } = (ofModel.tokens ??= this.#tokensOf(operation, model));
    input.add(told.promptTokens);
    output.add(told.outputTokens);
    cached.add(told.cachedTokens);
    reasoning.add(told.reasoningTokens);
  }

  #requestsOf(exchange: Exchange, operation: string): Histogram {
    const { clientStatus: status, isBrokenOff } = exchange;
    // A client may make up methods too.
    const method = METHODS.has(exchange.method) ? exchange.method : '_OTHER';
    const byOperation = keptOf(this.#requests, method, () => new Map<string, OfOperation>());
    const ofOperation = keptOf(byOperation, operation, () => ({ interrupted: new Map(), others: new Map() }));
    const byStatus = isBrokenOff ? ofOperation.interrupted : ofOperation.others;
    return keptOf(byStatus, status, () =>
      this.#http(method, `/${operation}`, String(status), requestErrorType(exchange) ?? ''),
    );
  }

  #modelOf(operation: string, model: string): OfModel {
    const byModel = keptOf(this.#models, operation, () => new Map<string, OfModel>());
    return keptOf(byModel, model, () => ({ inference: new Map(), tokens: undefined }));
  }

  #tokensOf(operation: string, model: string): TokenCounters {
    const labels = [genAiOperation(operation), PROVIDER, model];
    return {
      input: this.#input(...labels),
      output: this.#output(...labels),
      cached: this.#cached(...labels),
      reasoning: this.#reasoning(...labels),
    };
  }
}

/** The series of deployments beyond this number are looked up in the registry each time. */
const MAX_KEPT = 500;

function keptOf<K, V>(kept: Map<K, V>, key: K, make: () => V): V {
  const known = kept.get(key);
  if (known !== undefined) return known;
  const made = make();
  if (kept.size < MAX_KEPT) kept.set(key, made);
  return made;
}

import type { Attributes } from '@opentelemetry/api';
import type { AttemptRecord, Outcome } from '@spillway/core';
import type { Ending, Exchange } from '../exchange.ts';
import { genAiOperation, operationName } from './operation-name.ts';

/** Clients make up names. */
const MAX_NAME = 100;
const BROKEN_OFF: Ending = 'interrupted';

/** Names, counts and times, and as little text from clients and backends as the log holds. */

/** Returns the attributes of a request’s own span. */
export function requestAttributes(exchange: Exchange): Attributes {
  const { id, method, operation, clientStatus, ending, attempts, served, cause, waitedMs } = exchange;
  return present({
    'http.request.method': method || '_OTHER',
    'http.route': `/${operationName(operation)}`,
    'http.response.status_code': clientStatus,
    'error.type': requestErrorType(exchange),
    'spillway.request.id': id,
    'spillway.backend': served?.backend.name,
    'spillway.attempts': attempts.length,
    'spillway.ending': ending,
    'spillway.cause': cause,
    'spillway.spill.cause': served?.spill?.cause,
    'spillway.quota_wait': waitedMs > 0 ? waitedMs / 1000 : undefined,
  });
}

/** Returns the attributes of the span of an attempt. */
export function attemptAttributes(exchange: Exchange, attempt: AttemptRecord): Attributes {
  const { method, operation, served, usage } = exchange;
  const { number, backend, deployment, outcome } = attempt;
  const status = 'status' in outcome ? outcome.status : undefined;
  const tokens = attempt === served ? usage : undefined;
  return present({
    'gen_ai.operation.name': genAiOperation(operation),
    'gen_ai.provider.name': 'azure.ai.openai',
    'gen_ai.request.model': nameOf(deployment) || undefined,
    'gen_ai.usage.input_tokens': countOf(tokens?.promptTokens),
    'gen_ai.usage.output_tokens': countOf(tokens?.outputTokens),
    'gen_ai.usage.cache_read.input_tokens': countOf(tokens?.cachedTokens),
    'gen_ai.usage.reasoning.output_tokens': countOf(tokens?.reasoningTokens),
    'http.request.method': method,
    'http.request.resend_count': number > 1 ? number - 1 : undefined,
    'http.response.status_code': status,
    'error.type': attemptErrorType(exchange, attempt),
    'spillway.backend': backend.name,
    'spillway.priority': backend.priority,
    'spillway.outcome': outcome.kind,
    'spillway.spill.cause': attempt.spill?.cause,
  });
}

/** Returns why a request was not answered properly; undefined if it was. */
export function requestErrorType({ clientStatus, isBrokenOff }: Exchange): string | undefined {
  if (clientStatus >= 500) return String(clientStatus);
  return isBrokenOff ? BROKEN_OFF : undefined;
}

/**
 * Returns why the span of an attempt is an error; undefined if it is none. An answer that was broken off has failed
 * after all. An attempt that was cancelled because another was first, or because the client left, has not.
 */
export function attemptErrorType(
  { served, isBrokenOff }: Exchange,
  attempt: AttemptRecord,
): string | undefined {
  if (attempt.outcome.kind === 'aborted') return undefined;
  if (attempt === served && isBrokenOff) return BROKEN_OFF;
  return errorTypeOf(attempt.outcome);
}

/** Returns whether an attempt has succeeded. */
function isWell({ kind }: Outcome): boolean {
  return kind === 'succeeded';
}

/** Returns why an attempt has failed; undefined if it has not. */
function errorTypeOf(outcome: Outcome): string | undefined {
  if (isWell(outcome)) return undefined;
  if ('status' in outcome) return String(outcome.status);
  return 'failure' in outcome ? outcome.failure : outcome.kind;
}

/** Returns the name of a deployment, or its beginning. */
export function nameOf(deployment: string): string {
  return deployment.slice(0, MAX_NAME);
}

/**
 * Returns a number of tokens that is one; undefined for any other: a backend may report any number, and one that is not of
 * its type makes a receiver reject all spans of an export.
 */
function countOf(tokens: number | undefined): number | undefined {
  return Number.isSafeInteger(tokens) && Number(tokens) >= 0 ? tokens : undefined;
}

/** The exporters would send an undefined value as an attribute without a value. */
function present(attributes: Attributes): Attributes {
  const kept: Attributes = {};
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) kept[name] = value;
  return kept;
}

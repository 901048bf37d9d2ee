import type { AttemptRecord, PriorityClass } from '@spillway/core';
import type { Exchange, Sink } from './exchange.ts';
import { createLineLog, type Log } from './log.ts';

/**
 * Creates the sink that writes one log line for each request. The line holds only names, counts and times: no header,
 * no query and no body, so that no key, token or prompt can be in it. A step that the request never reached is null.
 *
 * @param successShare the share of plain successes that get a line; every other request gets one
 * @param usualClass the priority class that is left out
 */
export function createAccessLog(log: Log, successShare: number, usualClass?: PriorityClass): Sink {
  const writeLine = createLineLog(log, renderExchange);
  const writeSampled = createLineLog<Exchange>(log, (exchange, level) =>
    renderExchange(exchange, level, successShare),
  );
  // The first gets a line, the later ones at even intervals; of a share of 0 none does.
  let credit = successShare === 0 ? 0 : 1 - successShare;
  return {
    record(exchange) {
      const isSampled = successShare < 1 && isPlainSuccess(exchange);
      if (isSampled) {
        credit += successShare;
        if (credit < 1) return;
        credit--;
      }
      if (exchange.priorityClass === usualClass) exchange.priorityClass = undefined;
      if (isSampled) writeSampled(exchange);
      else writeLine(exchange);
    },
  };
}

/**
 * Returns whether a request went the usual way: to the first backend, which served it well and at once, as the
 * deployment that it asked for.
 */
function isPlainSuccess({ ending, clientStatus, attempts, waitedMs, fallbackFrom }: Exchange): boolean {
  const [first] = attempts;
  const isOrdinary =
    attempts.length <= 1 && first?.spill === undefined && waitedMs === 0 && fallbackFrom === undefined;
  return isOrdinary && ending === 'complete' && clientStatus < 400;
}

/**
 * Only texts from clients are escaped with care; names of backends and clients are checked, and the rest are the
 * gateway's own words.
 */
function renderExchange(exchange: Exchange, level: number, share?: number): string {
  const { startedMs, respondedMs, endedMs, attempts, traceId } = exchange;
  const spill = exchange.served?.spill;
  const backend = attempts.at(-1)?.backend.name;
  return (
    `{"level":${level},"time":${Date.now()},"id":"${exchange.id}","status":${exchange.clientStatus}` +
    `,"ending":"${exchange.ending}","method":${exchange.method === '' ? 'null' : `"${exchange.method}"`}` +
    (exchange.client === undefined ? '' : `,"client":"${exchange.client}"`) +
    `,"operation":${quote(exchange.operation, withoutQuery)}` +
    `,"deployment":${quote(exchange.deployment, withoutQuery)}` +
    renderFallback(exchange) +
    `,"backend":${backend === undefined ? 'null' : `"${backend}"`},"attempts":[${renderAttempts(attempts)}]` +
    (spill === undefined ? '' : `,"spill":{"from":${spill.fromPriority},"cause":"${spill.cause}"}`) +
    (exchange.cause === undefined ? '' : `,"cause":"${exchange.cause}"`) +
    renderRefusal(exchange) +
    (exchange.priorityClass === undefined ? '' : `,"priorityClass":"${exchange.priorityClass}"`) +
    renderTokens(exchange) +
    (exchange.waitedMs ? `,"waitedMs":${toTenths(exchange.waitedMs)}` : '') +
    (exchange.isUpload ? ',"replay":"none"' : '') +
    `,"requestBytes":${exchange.requestBytes ?? 'null'},"responseBytes":${exchange.responseBytes ?? 'null'}` +
    `,"firstByteMs":${respondedMs === undefined ? 'null' : toTenths(respondedMs - startedMs)}` +
    `,"totalMs":${toTenths(endedMs - startedMs)}` +
    (traceId === undefined ? '' : `,"traceId":"${traceId}"`) +
    (share === undefined ? '' : `,"share":${share}`) +
    ',"msg":"request"}\n'
  );
}

/** The requested deployment, where another served; why, and how many of the attempts were for it. */
function renderFallback({ fallbackFrom, fallbackCause, fallbackAfter }: Exchange): string {
  if (fallbackFrom === undefined) return '';
  return `,"fallbackFrom":${quote(fallbackFrom)},"fallbackCause":"${fallbackCause}","fallbackAfter":${fallbackAfter}`;
}

/** The problem of its credential, or else the gateway error that the client got. Its message may quote the client. */
function renderRefusal({ refusal, authenticationFailure }: Exchange): string {
  return refusal === undefined ? '' : `,"refused":"${authenticationFailure ?? refusal}"`;
}

/** `spillway simulate` uses these to replay how quotas are spent. */
function renderTokens({ estimate, usage }: Exchange): string {
  const estimated =
    estimate === undefined
      ? ''
      : `,"estimate":{"promptTokens":${estimate.promptTokens},"outputTokens":${estimate.outputTokens}}`;
  if (usage === undefined) return estimated;
  return (
    `${estimated},"usage":{"promptTokens":${toJson(usage.promptTokens)}` +
    `,"outputTokens":${toJson(usage.outputTokens)},"cachedTokens":${toJson(usage.cachedTokens)}}`
  );
}

/** A backend may send any number, and not all can be written in JSON. */
function toJson(number: number): number | null {
  return Number.isFinite(number) ? number : null;
}

function renderAttempts(attempts: readonly AttemptRecord[]): string {
  let rendered = '';
  for (const { backend, outcome, durationMs } of attempts) {
    const status = 'status' in outcome ? `,"status":${outcome.status}` : '';
    const failure = 'failure' in outcome ? `,"failure":"${outcome.failure}"` : '';
    const comma = rendered === '' ? '' : ',';
    rendered += `${comma}{"backend":"${backend.name}","outcome":"${outcome.kind}"${status}${failure},"ms":${toTenths(durationMs)}}`;
  }
  return rendered;
}

/** Text without escapes in JSON, and without a query, like almost every name. */
const PLAIN = /^[\w./-]*$/;

/** @param shown what to write instead of a text that is not plain */
function quote(text: string | undefined, shown = (odd: string) => odd): string {
  if (text === undefined) return 'null';
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(shown(text));
}

/** The beginning of a query within a path. No operation or deployment has one of these characters, and hardly any id. */
const MISTAKEN = /[?;&=%].*$/s;

/** Cuts off a query that a client has taken for a part of the path, as one whose `?` is escaped: it may hold a key. */
function withoutQuery(part: string): string {
  return part.replace(MISTAKEN, '…');
}

/** Writes a time with one decimal. */
function toTenths(ms: number): string {
  const tenths = Math.round(ms * 10);
  const decimal = tenths % 10;
  return `${(tenths - decimal) / 10}.${decimal}`;
}

import { priorityClasses, type PriorityClass, type TokenEstimate } from '@spillway/core';
import type { LoggedAttempt, LoggedRequest } from './logged-request.ts';

/** The meaning of a line of the gateway's log for a replay. */
export type ParsedLine =
  | { readonly kind: 'request'; readonly request: LoggedRequest }
  /** A request that spends no quota. */
  | { readonly kind: 'left-out'; readonly reason: string }
  /** The log has lost lines. */
  | { readonly kind: 'lost'; readonly lines: number }
  /** Another message of the gateway. */
  | { readonly kind: 'other' }
  | { readonly kind: 'wrong'; readonly problem: string };

type Fields = Readonly<Record<string, unknown>>;

/** Operations whose request is a text: their tokens can be estimated from its length. */
const TEXT_OPERATIONS = new Set(['chat/completions', 'completions', 'embeddings', 'responses']);
/** A clock that is wrong by years would make the replay equally long. */
const EARLIEST_MS = Date.UTC(2001);
const LATEST_MS = Date.UTC(2101);
/** The status of a request whose client left before its answer began. */
const CLIENT_LEFT = 499;
const BYTES_PER_TOKEN = 4;
/** The gateway's assumption for an answer when the request does not limit it. */
const USUAL_OUTPUT_TOKENS = 16;

/** Parses a line of the gateway's log, whatever a log driver has put before or around it. */
export function parseLine(line: string): ParsedLine {
  const found = parseObject(line);
  if (found === undefined) return { kind: 'wrong', problem: 'no JSON object' };
  const fields = unwrap(found);
  if (typeof fields['dropped'] === 'number') return { kind: 'lost', lines: fields['dropped'] };
  if (fields['msg'] !== 'request')
    return typeof fields['msg'] === 'string'
      ? { kind: 'other' }
      : { kind: 'wrong', problem: 'no line of the gateway: it has no `msg`' };
  const problem = findProblem(fields);
  if (problem !== undefined) return { kind: 'wrong', problem };
  const reason = findReasonToLeaveOut(fields);
  return reason === undefined
    ? { kind: 'request', request: readRequest(fields) }
    : { kind: 'left-out', reason };
}

function findProblem(fields: Fields): string | undefined {
  if (!isMoment(fields['time'])) return '`time` is no number of milliseconds since 1970, of this century';
  if (!isAmount(fields['totalMs'])) return '`totalMs` is no number of milliseconds';
  if (fields['deployment'] !== null && typeof fields['deployment'] !== 'string')
    return '`deployment` is neither a text nor null';
  if (!Array.isArray(fields['attempts']) || !fields['attempts'].every(isAttempt))
    return '`attempts` is no list of attempts';
  const { priorityClass, estimate } = fields;
  if (priorityClass !== undefined && !priorityClasses.includes(priorityClass as PriorityClass))
    return `\`priorityClass\` is none of ${priorityClasses.join(', ')}`;
  if (estimate !== undefined && estimateOf(estimate) === undefined)
    return '`estimate` has no `promptTokens` and `outputTokens`';
  if (!isShare(fields['share'] ?? 1)) return '`share` is no number above 0 and up to 1';
  return undefined;
}

function findReasonToLeaveOut({ deployment, attempts, cause, estimate, status }: Fields): string | undefined {
  if (deployment === null || deployment === '') return 'for no deployment, which spends no quota';
  // Clients make up names, which belong to no quota.
  if (cause === 'deployment-missing') return 'for a deployment that no backend had';
  // A request that reached the pool has an attempt, a reason for having none, or a client that left while it waited for
  // one. A request beyond its client's budget has none of them, whatever the backends have left.
  const wasWaiting = estimate !== undefined && status === CLIENT_LEFT;
  const wasTurnedAway = (attempts as unknown[]).length === 0 && cause === undefined && !wasWaiting;
  return wasTurnedAway ? 'turned away by the gateway before a backend was chosen' : undefined;
}

function readRequest(fields: Fields): LoggedRequest {
  const attempts = readAttempts(fields);
  const fallbackFrom = fallbackFromOf(fields);
  const lastMs = (fields['attempts'] as Fields[]).at(-1)?.['ms'];
  const [totalMs, firstByteMs] = [fields['totalMs'] as number, fields['firstByteMs']];
  const isServed = attempts.at(-1)?.isServed === true && isAmount(firstByteMs);
  const estimate = estimateOf(fields['estimate']);
  const guessed = estimate === undefined ? guessEstimate(fields) : undefined;
  const usage = fields['usage'] as Fields | undefined;
  return {
    id: typeof fields['id'] === 'string' ? fields['id'] : undefined,
    arrivedMs: (fields['time'] as number) - totalMs,
    deployment: fields['deployment'] as string,
    fallbackFrom,
    isOverBudget: fields['fallbackCause'] === 'budget',
    priorityClass: fields['priorityClass'] as PriorityClass | undefined,
    estimate: estimate ?? guessed,
    isGuessed: guessed !== undefined,
    outputTokens: isAmount(usage?.['outputTokens']) ? usage['outputTokens'] : undefined,
    cachedTokens: isAmount(usage?.['cachedTokens']) ? usage['cachedTokens'] : undefined,
    requestBytes: isAmount(fields['requestBytes']) ? fields['requestBytes'] : 0,
    headMs: isServed && isAmount(lastMs) ? lastMs : undefined,
    bodyMs: isServed ? Math.max(0, totalMs - firstByteMs) : undefined,
    attempts,
    wasShort:
      fields['cause'] === 'throttled' || fields['fallbackCause'] === 'quota' || isAmount(fields['waitedMs']),
    isPlain:
      isServed &&
      attempts.length === 1 &&
      (fields['spill'] ?? fields['waitedMs'] ?? fallbackFrom) === undefined,
    share: (fields['share'] ?? 1) as number,
  };
}

function readAttempts(fields: Fields): LoggedAttempt[] {
  const attempts = fields['attempts'] as Fields[];
  const fallbackFrom = fallbackFromOf(fields);
  // Earlier gateways do not say after how many attempts the other deployment was asked; it was at the last one.
  const after = isAmount(fields['fallbackAfter']) ? fields['fallbackAfter'] : attempts.length - 1;
  return attempts.map(({ backend, outcome }, place) => ({
    backend: backend as string,
    deployment: place < after ? fallbackFrom : undefined,
    isServed: outcome === 'succeeded' || outcome === 'rejected' || outcome === 'not-found',
    isThrottled: outcome === 'throttled',
  }));
}

function fallbackFromOf({ fallbackFrom }: Fields): string | undefined {
  return typeof fallbackFrom === 'string' ? fallbackFrom : undefined;
}

function guessEstimate({ operation, requestBytes }: Fields): TokenEstimate | undefined {
  if (!TEXT_OPERATIONS.has(operation as string) || !isAmount(requestBytes)) return undefined;
  const outputTokens = operation === 'embeddings' ? 0 : USUAL_OUTPUT_TOKENS;
  return { promptTokens: Math.ceil(requestBytes / BYTES_PER_TOKEN), outputTokens };
}

function estimateOf(value: unknown): TokenEstimate | undefined {
  const { promptTokens, outputTokens } = (value ?? {}) as Fields;
  return isAmount(promptTokens) && isAmount(outputTokens) ? { promptTokens, outputTokens } : undefined;
}

function isMoment(value: unknown): boolean {
  return isAmount(value) && value >= EARLIEST_MS && value <= LATEST_MS;
}

function isShare(value: unknown): boolean {
  return isAmount(value) && value > 0 && value <= 1;
}

function isAttempt(value: unknown): boolean {
  return typeof value === 'object' && value !== null && typeof (value as Fields)['backend'] === 'string';
}

function isAmount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

/** How deep a log driver may put the line into objects of its own. */
const MAX_DEPTH = 4;

/**
 * Some log drivers keep the line, as a text or as an object, in an object of their own: as `log`, `MESSAGE`, `msg`,
 * `jsonPayload`, `properties.Log` …
 */
function unwrap(found: Fields): Fields {
  const { msg } = found;
  if (msg === undefined) return findLine(found, MAX_DEPTH) ?? found;
  const inner = typeof msg === 'string' ? parseObject(msg) : undefined;
  return inner?.['msg'] === undefined ? found : inner;
}

function findLine(wrapper: Fields, depth: number): Fields | undefined {
  for (const value of Object.values(wrapper)) {
    const inner = typeof value === 'string' ? parseObject(value) : asObject(value);
    if (inner === undefined) continue;
    if (inner['msg'] !== undefined) return inner;
    const deeper = depth > 1 ? findLine(inner, depth - 1) : undefined;
    if (deeper !== undefined) return deeper;
  }
  return undefined;
}

/** Parses the object in a text; what is before and behind it is skipped, braces before it too. */
function parseObject(text: string): Fields | undefined {
  const [first, quoted] = [text.indexOf('{'), text.indexOf('{"')];
  if (first < 0) return undefined;
  return (
    parseFrom(text, first) ??
    (quoted > first ? parseFrom(text, quoted) : undefined) ??
    (text.includes('{""') ? parseColumns(text) : undefined)
  );
}

/** Parses the object in a row of CSV, where its quotes are doubled. There may be others, such as the pod's labels. */
function parseColumns(row: string): Fields | undefined {
  const objects = row.split(/(?<=\}"),/).map((columns) => parseObject(columns.replaceAll('""', '"')));
  return objects.find((object) => object && unwrap(object)['msg'] !== undefined) ?? objects[0];
}

function parseFrom(text: string, start: number): Fields | undefined {
  try {
    return asObject(JSON.parse(text.slice(start, text.lastIndexOf('}') + 1)));
  } catch {
    return undefined;
  }
}

function asObject(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

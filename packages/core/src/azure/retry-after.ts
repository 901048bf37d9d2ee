import type { HeaderLookup } from '../attempt.ts';

/**
 * Returns how long the backend asked to be left alone, in milliseconds from its response, or `undefined` if it said
 * nothing readable: `retry-after-ms`, its variant `x-ms-retry-after-ms` used by some of Azure's services and its SDKs,
 * else `Retry-After` (RFC 9110 §10.2.3, decimals too). Never negative, always finite, never throws; the caller bounds
 * it.
 */
export function readRetryAfterMs(header: HeaderLookup): number | undefined {
  return (
    parseNumber(header('retry-after-ms')) ??
    parseNumber(header('x-ms-retry-after-ms')) ??
    parseRetryAfterMs(header('retry-after'), header('date'))
  );
}

/** What is left of each limit, and when it is refilled: of Azure's, and of Claude's. */
const LIMITS: readonly (readonly [remaining: string, ...resets: string[]])[] = [
  ['x-ratelimit-remaining-requests', 'x-ratelimit-reset-requests'],
  // Azure has sent the token reset under a misspelt name, without any Retry-After (openai-python #937).
  ['x-ratelimit-remaining-tokens', 'x-ratelimit-reset-tokens', 'x-rate-limit-reset-tokens'],
  ...['requests', 'tokens', 'input-tokens', 'output-tokens'].map(
    (kind) => [`anthropic-ratelimit-${kind}-remaining`, `anthropic-ratelimit-${kind}-reset`] as const,
  ),
];

/**
 * Returns when the spent limit is refilled, in milliseconds from the response; the latest where several are spent. A
 * limit with something left is not the one to wait for.
 */
export function readQuotaResetMs(header: HeaderLookup): number | undefined {
  const date = header('date');
  const resets = LIMITS.map(([remaining, ...names]) => {
    if (!isSpent(header(remaining))) return undefined;
    return names.map((name) => parseResetMs(header(name), date)).find((ms) => ms !== undefined);
  }).filter((ms) => ms !== undefined);
  return resets.length === 0 ? undefined : Math.max(...resets);
}

const IN_MESSAGE =
  /(?:retry after|(?:try again|retry) in|wait(?: for)?) (?:(\d{1,9}(?:\.\d{1,9})?) ?(milli|sec|min|hour)|((?:\d{1,9}(?:\.\d{1,9})?(?:ms|s|m|h|d))+)(?![a-z]))/i;

/** A time span as .NET writes it: days only where there are any. */
const REPLENISHED = /replenished in (?:(\d{1,5})\.)?(\d{1,2}):(\d{2}):(\d{2})(?![\d:])/i;

/**
 * Returns when a message says to come back: some of Azure's 429s say only "Please retry after 20 seconds" or "Try again
 * in 4 minutes", and those of OpenAI and of compatible servers may say only "Please try again in 1m12.5s". API
 * Management says of a quota that it "will be replenished in 01:22:33".
 */
export function readMessageMs(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, amount, word, duration] = IN_MESSAGE.exec(text) ?? [];
  const value = amount === undefined ? duration : amount + UNITS[word?.toLowerCase() ?? ''];
  return value === undefined ? readReplenishedMs(text) : parseDurationMs(value);
}

/** Units by the beginning of their words. */
const UNITS: Readonly<Record<string, string>> = { milli: 'ms', sec: 's', min: 'm', hour: 'h' };

function readReplenishedMs(text: string): number | undefined {
  const [, days = '0', hours, minutes, seconds] = REPLENISHED.exec(text) ?? [];
  return hours === undefined ? undefined : parseDurationMs(`${days}d${hours}h${minutes}m${seconds}s`);
}

/** An HTTP-date is measured against the response's own `Date`, so neither our clock nor its skew matters. */
function parseRetryAfterMs(value: string | undefined, date: string | undefined): number | undefined {
  if (value === undefined || value.length > LONGEST_VALUE) return undefined;
  const durationMs = parseDurationMs(value);
  if (durationMs !== undefined) return durationMs;
  const waitMs = parseHttpDateMs(value) - parseHttpDateMs(date ?? '');
  return Number.isNaN(waitMs) ? undefined : Math.max(0, waitMs);
}

const ASCTIME = /^\s*[A-Za-z]{3} [A-Za-z]{3} [ \d]\d [\d:]{8} \d{4}\s*$/;

/** RFC 9110 §5.6.7, including the two obsolete forms. `Date.parse` alone accepts many texts that are not dates. */
function parseHttpDateMs(text: string): number {
  if (ASCTIME.test(text)) return Date.parse(`${text.trim()} GMT`);
  return /^\s*[A-Za-z]{3,9}, \d{2}[ -][A-Za-z]{3}[ -]\d{2,4} [\d:]{8} GMT\s*$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
}

/** No date or duration is this long; anything longer is not worth reading. */
const LONGEST_VALUE = 64;

/** Whether a limit may be the one that was hit: nothing of it is left, or its remainder is unknown (-1). */
function isSpent(remaining: string | undefined): boolean {
  return !(Number(remaining) > 0);
}

/** No reset is this far away: such a number counts from 1970. */
const EPOCH_MS = 1e12;
/** No point in time is this late either: such a number of seconds is one of milliseconds. */
const EPOCH_OF_MS = 1e15;

/** A reset of 0 means "unknown" on Azure (openai-dotnet #838), unlike a `Retry-After` of 0. Some say a point in time. */
function parseResetMs(value: string | undefined, date: string | undefined): number | undefined {
  const ms = value === undefined ? undefined : (parseDurationMs(value) ?? parseTimestampMs(value));
  if (ms === undefined || ms < EPOCH_MS) return ms === 0 ? undefined : ms;
  const atMs = ms < EPOCH_OF_MS ? ms : ms / 1000;
  const waitMs = atMs - parseHttpDateMs(date ?? '');
  return waitMs > 0 ? waitMs : undefined;
}

/** A point in time as RFC 3339 writes it. */
function parseTimestampMs(value: string): number | undefined {
  return /^2\d{3}-\d\d-\d\dT[\d:.]{8,20}(?:Z|[+-]\d\d:\d\d)$/.test(value) ? Date.parse(value) : undefined;
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Seconds as a plain number ("20", "0.5"), or a duration with units ("6m0s", "20ms"). */
function parseDurationMs(value: string): number | undefined {
  const seconds = parseNumber(value);
  if (seconds !== undefined) return seconds * 1000;
  const text = value.trim();
  if (text.length > LONGEST_VALUE || !/^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/.test(text)) return undefined;
  let totalMs = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)) {
    totalMs += Number(amount) * (UNIT_MS[unit ?? ''] ?? 0);
  }
  return totalMs;
}

/**
 * A decimal that is not negative, and short enough to be finite. Signs, exponents, hex and empty text do not count as
 * numbers here.
 */
function parseNumber(value: string | undefined): number | undefined {
  if (value === undefined || value.length > LONGEST_VALUE || !/^\s*\d+(?:\.\d+)?\s*$/.test(value))
    return undefined;
  return Number(value);
}

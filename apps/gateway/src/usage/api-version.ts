import { searchOf } from '../route/clean-path.ts';

/** The first version of the classic API with `stream_options` and `max_completion_tokens`, by its date. */
const SINCE = '2024-09-01';
const V1 = /^(?:\/api\/projects\/[^/?]+)?\/openai\/v1\//;
const CLASSIC = /^(?:\/api\/projects\/[^/?]+)?\/openai\//;

/**
 * Returns whether a path belongs to an API whose completions have the fields introduced in 2024-09-01: v1, or a classic
 * one since then.
 */
export function hasNewFields(path: string): boolean {
  if (V1.test(path)) return true;
  const version = CLASSIC.test(path) ? (VERSION.exec(path)?.[1] ?? escapedVersion(path)) : undefined;
  return version !== undefined && version >= SINCE;
}

const VERSION = /[?&]api-version=(\d{4}-\d{2}-\d{2})/i;

/** Backends decode the names and values in a query. */
function escapedVersion(path: string): string | undefined {
  if (!path.includes('%')) return undefined;
  const pairs = [...new URLSearchParams(searchOf(path))];
  return VERSION.exec(pairs.map(([name, value]) => `&${name}=${value}`).join(''))?.[1];
}

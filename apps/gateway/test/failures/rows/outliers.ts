import { chats } from '../clients.ts';
import type { FailureRow } from '../failure-row.ts';

const fromA = '200 chat.completion, from a, 1 attempt';
const afterA = '200 chat.completion, from b, 2 attempts';
const fromB = '200 chat.completion, from b, 1 attempt';
const failed = '200 complete, a unavailable (500), b succeeded (200)';
const brokenOff = '200 part of a body, from a, 1 attempt; then the connection breaks';
const brokenOffB = '200 part of a body, from b, 1 attempt; then the connection breaks';
const cut = '200 interrupted, a succeeded (200)';
const cutB = '200 interrupted, b succeeded (200)';
const served = '200 complete, a succeeded (200)';

/** Backends that fail sometimes, repeatedly, or with a request that fails everywhere. */
export const outliers: readonly FailureRow[] = [
  {
    title: 'a answers 500 once, among others that it serves',
    backends: ['2x ok, 1x status(500), ok', 'ok'],
    client: chats(4),
    sees: [fromA, fromA, afterA, fromA],
    cooldowns: 'nobody',
    logged: [served, served, failed, served],
  },
  {
    title: 'a resets both the kept connection and the fresh one, among others that it serves',
    backends: ['2x ok, 2x reset, ok', 'ok'],
    client: chats(4),
    sees: [fromA, fromA, afterA, fromA],
    cooldowns: 'nobody',
    logged: [served, served, '200 complete, a unreachable (reset), b succeeded (200)', served],
  },
  {
    title: 'a answers 500 three times in a row, after others that it served',
    backends: ['2x ok, status(500)', 'ok'],
    client: chats(6),
    sees: [fromA, fromA, afterA, afterA, afterA, fromB],
    cooldowns: 'gpt-4o at a, cooling, 10 s',
    logged: [served, served, failed, failed, failed, '200 complete, b succeeded (200)'],
  },
  {
    title: 'a answers 503 with `Retry-After: 20` once, among others that it serves',
    backends: ['2x ok, 1x status(503, header.retry-after=20), ok', 'ok'],
    client: chats(4),
    sees: [fromA, fromA, afterA, fromB],
    cooldowns: 'gpt-4o at a, cooling, 20 s',
    logged: [
      served,
      served,
      '200 complete, a unavailable (503), b succeeded (200)',
      '200 complete, b succeeded (200)',
    ],
  },
  {
    title: 'a and b answer 500 to the same request, after others that a served',
    backends: ['2x ok, 1x status(500), ok', '1x status(500), ok'],
    client: chats(4),
    sees: [fromA, fromA, '503 error ServiceUnavailable, 2 attempts', fromA],
    cooldowns: 'nobody',
    logged: [served, served, '503 complete (unavailable), a unavailable (500), b unavailable (500)', served],
  },
  {
    title: 'a breaks three answers off in a row, after others that it served',
    backends: ['2x ok, reset(after-bytes=100)', 'ok'],
    client: chats(6),
    sees: [fromA, fromA, brokenOff, brokenOff, brokenOff, fromB],
    cooldowns: 'gpt-4o at a, cooling, 10 s',
    logged: [served, served, cut, cut, cut, '200 complete, b succeeded (200)'],
  },
  {
    title: 'a breaks two answers off in a row, among others that it serves',
    backends: ['1x ok, 2x reset(after-bytes=100), 1x ok, 2x reset(after-bytes=100), ok', 'ok'],
    client: chats(7),
    sees: [fromA, brokenOff, brokenOff, fromA, brokenOff, brokenOff, fromA],
    cooldowns: 'nobody',
    logged: [served, cut, cut, served, cut, cut, served],
  },
  {
    title: 'a and then b break off every answer',
    backends: ['reset(after-bytes=100)', 'reset(after-bytes=100)'],
    client: chats(7),
    sees: [brokenOff, brokenOff, brokenOff, brokenOffB, brokenOffB, brokenOffB, brokenOffB],
    cooldowns: 'gpt-4o at a, cooling, 10 s',
    logged: [cut, cut, cut, cutB, cutB, cutB, cutB],
  },
];

import { z } from 'zod';
import { amount, count } from './snapshot-totals.ts';

/** The part of a snapshot about the process itself. */
export const processState = z.strictObject({
  uptimeMs: count(),
  isStopping: z.boolean().describe('Whether it has been told to stop.'),
  isConfigurationRefused: z
    .boolean()
    .describe('Whether the configuration that was read last is wrong, so that the one before is in effect.'),
  reloadedAgoMs: count()
    .optional()
    .describe('Since the configuration in effect replaced another; left out if none has since the start.'),
  whyRefusing: z
    .string()
    .optional()
    .describe('Why the process itself has no room for requests, such as its memory; left out while it has.'),
  inFlight: count().describe('Requests and sessions under way, waiting ones included.'),
  connections: count(),
  waiting: z
    .strictObject({ interactive: count(), standard: count(), batch: count() })
    .optional()
    .describe('Requests that wait for quota; left out if none may wait.'),
  residentBytes: count(),
  memoryLimitBytes: count(),
  eventLoopDelayP99Ms: amount().describe(
    'How late 99 of 100 timers were at most, in the worst second of the last minute.',
  ),
  eventLoopDelayMaxMs: amount().describe('How late the latest of them was.'),
  escapedErrors: count().describe('Since the start.'),
  droppedLogLines: count().describe('Since the start.'),
});

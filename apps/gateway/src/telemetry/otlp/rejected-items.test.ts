import { DiagLogLevel } from '@opentelemetry/api';
import { expect, test } from 'vitest';
import { hearRejected } from './rejected-items.ts';

/** Returns what is noted when an exporter logs a warning. */
function noted(message: string, answer: unknown): [string, number][] {
  const notes: [string, number][] = [];
  const diag = {
    setLogger(logger: { warn(message: string, answer: unknown): void }) {
      logger.warn(message, answer);
      return true;
    },
  };
  hearRejected({ diag, DiagLogLevel } as never, (signal, count) => notes.push([signal, count]));
  return notes;
}

test.each([
  ['rejected spans', '{"rejectedSpans":3,"errorMessage":"x"}', [['traces', 3]]],
  ['a count in a text, as of 64 bits', '{"rejectedSpans":"3"}', [['traces', 3]]],
  ['rejected points, which are no spans', '{"rejectedDataPoints":2}', [['metrics', 2]]],
  ['a mere warning', '{"errorMessage":"x"}', []],
  ['a count of nothing', '{"rejectedSpans":0}', []],
  ['a negative count', '{"rejectedSpans":-1}', []],
  ['no JSON', 'x', []],
  ['no object', 'null', []],
])('what a receiver rejects is noted for its own signal: %s', (_, answer, expected) => {
  expect(noted('Received Partial Success response:', answer)).toEqual(expected);
});

test('other warnings of OpenTelemetry reject nothing', () => {
  expect(noted('Something else', '{"rejectedSpans":3}')).toEqual([]);
});

import { array, assert, constantFrom, integer, property, record } from 'fast-check';
import { expect, test } from 'vitest';
import { parseTraceParent, renderTraceParent } from './trace-context.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

test.each([
  ['a sampled one', `00-${TRACE}-${SPAN}-01`, 1],
  ['one that is not sampled', `00-${TRACE}-${SPAN}-00`, 0],
  ['flags that are not known yet', `00-${TRACE}-${SPAN}-ff`, 255],
  ['a later version', `01-${TRACE}-${SPAN}-01`, 1],
  ['a later version with more fields', `cc-${TRACE}-${SPAN}-01-what-the-future-brings`, 1],
])('a traceparent is read: %s', (_, header, flags) => {
  expect(parseTraceParent(header)).toEqual({ traceId: TRACE, spanId: SPAN, flags });
});

test.each([
  ['none', undefined],
  ['an empty one', ''],
  ['a version that never will be', `ff-${TRACE}-${SPAN}-01`],
  ['more fields than its version has', `00-${TRACE}-${SPAN}-01-x`],
  ['a dash too many', `00-${TRACE}-${SPAN}-01-`],
  ['a later version with something else than a dash', `01-${TRACE}-${SPAN}-01.x`],
  ['upper case', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
  ['no trace', `00-${'0'.repeat(32)}-${SPAN}-01`],
  ['no span', `00-${TRACE}-${'0'.repeat(16)}-01`],
  ['a short trace', `00-${TRACE.slice(1)}-${SPAN}-01`],
  ['two of them', `00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`],
  ['a line break', `00-${TRACE}-${SPAN}-01\n`],
  ['a prompt', 'Tell me a secret'],
])('a traceparent that is malformed counts as none: %s', (_, header) => {
  expect(parseTraceParent(header)).toBeUndefined();
});

const hex = (length: number) =>
  array(constantFrom(...'0123456789abcdef'), { minLength: length, maxLength: length })
    .map((digits) => digits.join(''))
    .filter((digits) => !/^0*$/.test(digits));

test('a traceparent is read as it was written', () => {
  const parents = record({ traceId: hex(32), spanId: hex(16), flags: integer({ min: 0, max: 3 }) });
  assert(
    property(parents, (parent) => {
      expect(parseTraceParent(renderTraceParent(parent))).toEqual(parent);
    }),
  );
});

import { array, assert, property, string } from 'fast-check';
import { expect, test } from 'vitest';
import { parseLabels, renderLabels } from './metric.ts';

test('labels are read as they were rendered, whatever is in them', () => {
  const names = ['deployment', 'gen_ai.request.model', 'status'];
  assert(
    property(array(string({ unit: 'binary' }), { minLength: 3, maxLength: 3 }), (values) => {
      const labels = Object.fromEntries(names.map((name, place) => [name, values[place]]));
      expect(parseLabels(renderLabels(names, values))).toEqual(labels);
    }),
  );
});

test.each(['a\\n', 'a\n', '"', '\\"', ',b="c"', ''])('the label %j is read as it was rendered', (value) => {
  expect(parseLabels(renderLabels(['a', 'b'], [value, 'x']))).toEqual({ a: value, b: 'x' });
});

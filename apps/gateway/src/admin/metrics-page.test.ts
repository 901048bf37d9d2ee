import { expect, test } from 'vitest';
import { formatFor } from './metrics-page.ts';

const PROMETHEUS_3 =
  'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1';
const PROMETHEUS_2 =
  'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';

test.each([
  [undefined, 'prometheus'],
  ['', 'prometheus'],
  ['*/*', 'prometheus'],
  ['text/html', 'prometheus'],
  ['text/plain', 'prometheus'],
  ['text/plain;version=0.0.4;q=0.5,*/*;q=0.1', 'prometheus'],
  [PROMETHEUS_2, 'openmetrics'],
  [PROMETHEUS_3, 'openmetrics'],
  ['application/openmetrics-text', 'openmetrics'],
  ['Application/OpenMetrics-Text; Version="1.0.0"', 'openmetrics'],
  ['application/openmetrics-text;version=0.0.1', 'prometheus'],
  ['application/openmetrics-text;version=2.0.0,text/plain;q=0.1', 'prometheus'],
  ['application/openmetrics-text;q=0.1,text/plain', 'prometheus'],
  ['application/openmetrics-text;q=0,text/plain;q=0', 'prometheus'],
  ['application/openmetrics-text;q=x', 'prometheus'],
  ['application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;q=0.7', 'prometheus'],
])('%j asks for the format %s', (accept, format) => {
  expect(formatFor(accept)).toBe(format);
});

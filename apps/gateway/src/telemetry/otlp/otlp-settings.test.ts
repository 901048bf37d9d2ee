import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readOtlpSettings } from './otlp-settings.ts';

const ENDPOINT = 'http://localhost:4318';
const BOTH = { OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT };
const FOLDER = mkdtempSync(join(tmpdir(), 'spillway-'));
const CERTIFICATE = join(FOLDER, 'own.pem');

writeFileSync(CERTIFICATE, `${'-'.repeat(5)}BEGIN CERTIFICATE${'-'.repeat(5)}\n`);
afterAll(() => rmSync(FOLDER, { recursive: true }));

test.each([
  ['there is no endpoint', {}],
  ['it is empty', { OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }],
  ['there is a protocol only', { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }],
  ['the SDK is disabled', { ...BOTH, OTEL_SDK_DISABLED: 'True' }],
  ['there are no exporters', { ...BOTH, OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none' }],
])('nothing is sent if %s', (_, env) => {
  expect(readOtlpSettings(env)).toBeUndefined();
});

test.each([
  ['http/protobuf unless another is named', BOTH, { traces: 'http/protobuf', metrics: 'http/protobuf' }],
  [
    'as Azure Container Apps sets it',
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://k8se-otel:4317', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
    { traces: 'grpc', metrics: 'grpc' },
  ],
  [
    'each its own way',
    { ...BOTH, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'http/json' },
    { traces: 'grpc', metrics: 'http/json' },
  ],
  [
    'by words in capitals, as OpenTelemetry has them too',
    {
      ...BOTH,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'HTTP/JSON',
      OTEL_TRACES_EXPORTER: 'OTLP',
      OTEL_METRICS_EXPORTER: 'None',
    },
    { traces: 'http/json' },
  ],
  [
    'traces only',
    { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${ENDPOINT}/v1/traces` },
    { traces: 'http/protobuf' },
  ],
  [
    'by gRPC to a host and a port alone',
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
    { traces: 'grpc', metrics: 'grpc' },
  ],
  ['metrics only', { ...BOTH, OTEL_TRACES_EXPORTER: 'none' }, { metrics: 'http/protobuf' }],
  [
    'an empty exporter counts as unset',
    { ...BOTH, OTEL_TRACES_EXPORTER: '' },
    { traces: 'http/protobuf', metrics: 'http/protobuf' },
  ],
])('signals are sent: %s', (_, env, protocols) => {
  expect(readOtlpSettings(env)).toMatchObject({ protocols, complaints: [] });
  expect(Object.keys(readOtlpSettings(env)?.protocols ?? {})).toEqual(Object.keys(protocols));
});

test.each([
  '127.0.0.1:4317',
  '[::1]:4317',
  'otel_collector:4317',
  'localhost:4317',
  'http://otel_collector:4317',
])('by gRPC signals are sent to %s', (endpoint) => {
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' };
  expect(readOtlpSettings(env)).toMatchObject({
    protocols: { traces: 'grpc', metrics: 'grpc' },
    complaints: [],
  });
});

test.each([
  [
    'an endpoint that is none for gRPC either',
    { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'localhost', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' },
    /^OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is not host:port or a URL such as http:\/\/localhost:4317, so no traces/,
  ],
  [
    'a protocol that does not exist',
    { ...BOTH, OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http' },
    /^OTEL_EXPORTER_OTLP_TRACES_PROTOCOL may be /,
  ],
  [
    'an exporter that is not there',
    { ...BOTH, OTEL_METRICS_EXPORTER: 'prometheus' },
    /^OTEL_METRICS_EXPORTER may be /,
  ],
  [
    'an endpoint that is no URL',
    { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'localhost' },
    /^OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is not a URL/,
  ],
  [
    'a host and a port alone where a URL is needed',
    { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'collector:4318' },
    /^OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is not a URL/,
  ],
  [
    'an exporter without a receiver',
    { OTEL_TRACES_EXPORTER: 'otlp' },
    /^OTEL_TRACES_EXPORTER is "otlp", but no traces are sent without OTEL_EXPORTER_OTLP_ENDPOINT$/,
  ],
  [
    'an exporter of the signal that alone has no receiver',
    { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${ENDPOINT}/v1/traces`, OTEL_METRICS_EXPORTER: 'otlp' },
    /^OTEL_METRICS_EXPORTER is "otlp", but no metrics are sent/,
  ],
  [
    'a yes or no in other words, which leaves everything on',
    { ...BOTH, OTEL_SDK_DISABLED: '1' },
    /^OTEL_SDK_DISABLED may be true or false; "1" is ignored$/,
  ],
  [
    'a yes or no in other words, which leaves TLS on',
    {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      OTEL_EXPORTER_OTLP_TRACES_INSECURE: 'yes',
    },
    /^OTEL_EXPORTER_OTLP_TRACES_INSECURE may be true or false; "yes" is ignored$/,
  ],
  [
    'a file in place of variables',
    { OTEL_CONFIG_FILE: '/etc/otel.yaml' },
    /^OTEL_CONFIG_FILE is ignored: only variables are read$/,
  ],
  [
    'a certificate that cannot be read',
    { ...BOTH, OTEL_METRICS_EXPORTER: 'none', OTEL_EXPORTER_OTLP_CERTIFICATE: '/nowhere/ca.pem' },
    /^OTEL_EXPORTER_OTLP_CERTIFICATE names no PEM file that can be read, so traces are sent without it, or not/,
  ],
  [
    'a folder in place of a certificate',
    { ...BOTH, OTEL_METRICS_EXPORTER: 'none', OTEL_EXPORTER_OTLP_CERTIFICATE: import.meta.dirname },
    /^OTEL_EXPORTER_OTLP_CERTIFICATE names no PEM file/,
  ],
  [
    'a certificate in another form than PEM',
    { ...BOTH, OTEL_METRICS_EXPORTER: 'none', OTEL_EXPORTER_OTLP_CERTIFICATE: import.meta.filename },
    /^OTEL_EXPORTER_OTLP_CERTIFICATE names no PEM file/,
  ],
  [
    'a compression that does not exist',
    { ...BOTH, OTEL_EXPORTER_OTLP_COMPRESSION: 'zstd' },
    /^OTEL_EXPORTER_OTLP_COMPRESSION may be gzip or none; "zstd" is ignored$/,
  ],
  [
    'headers that are none, without their values',
    { ...BOTH, OTEL_EXPORTER_OTLP_HEADERS: 'a=b,PLANTED' },
    /^OTEL_EXPORTER_OTLP_HEADERS may be a list such as name=value,name=value; anything else is ignored$/,
  ],
  [
    'a header with something after its value, which would be cut off',
    { ...BOTH, OTEL_EXPORTER_OTLP_HEADERS: 'x-key=PLANTED;PLANTED' },
    /^OTEL_EXPORTER_OTLP_HEADERS may be a list such as name=value,name=value; anything else is ignored$/,
  ],
  [
    'attributes that are none',
    { ...BOTH, OTEL_RESOURCE_ATTRIBUTES: 'a=b,c' },
    /^OTEL_RESOURCE_ATTRIBUTES may be a list such as name=value,name=value, each of at most 255 characters; all/,
  ],
  [
    'an attribute too long for OpenTelemetry, with which it ignores all others',
    { ...BOTH, OTEL_RESOURCE_ATTRIBUTES: `team=a,cloud.resource_id=${'%2Fx'.repeat(128)}` },
    /^OTEL_RESOURCE_ATTRIBUTES may be .* 255 characters; all of it is ignored$/,
  ],
  [
    'histograms of a kind that there is none of here',
    {
      ...BOTH,
      OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION: 'base2_exponential_bucket_histogram',
    },
    /^OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION may be explicit_bucket_histogram here; "base2/,
  ],
  [
    'propagators that there are none of here',
    { ...BOTH, OTEL_PROPAGATORS: 'tracecontext, b3 ,xray' },
    /^OTEL_PROPAGATORS may be tracecontext,baggage here; "b3,xray" is ignored$/,
  ],
  [
    'numbers that are to be differences',
    { ...BOTH, OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta' },
    /^OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE may be cumulative here; "delta" is ignored$/,
  ],
  [
    'a number that means nothing',
    { ...BOTH, OTEL_METRIC_EXPORT_INTERVAL: '0' },
    /^OTEL_METRIC_EXPORT_INTERVAL may be a whole number from 1 to 2147483647; "0" is ignored, and 60000 used$/,
  ],
  [
    'a certificate without its key',
    { ...BOTH, OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: CERTIFICATE },
    /^OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE has no effect without OTEL_EXPORTER_OTLP_CLIENT_KEY$/,
  ],
])('there is a complaint about %s', (_, env, complaint) => {
  expect(readOtlpSettings(env)?.complaints).toEqual([expect.stringMatching(complaint)]);
});

test('there is no complaint about lists and a compression as they should be', () => {
  const env = {
    ...BOTH,
    OTEL_EXPORTER_OTLP_COMPRESSION: 'none',
    OTEL_EXPORTER_OTLP_HEADERS: 'api-key=a%20b, x-tenant = c==,x-connection=a%3Bb',
    OTEL_RESOURCE_ATTRIBUTES: `deployment.environment.name=test, team=, id=${'%C3%A4'.repeat(255)}`,
    OTEL_PROPAGATORS: 'tracecontext,baggage',
    OTEL_SDK_DISABLED: 'False',
    OTEL_EXPORTER_OTLP_INSECURE: 'TRUE',
    OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'Cumulative',
  };
  expect(readOtlpSettings(env)?.complaints).toEqual([]);
});

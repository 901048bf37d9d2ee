import { expect, test } from 'vitest';
import { LOG_START_MS, logLine } from '../../../test/testing/log-line.ts';
import { parseLine } from './parse-line.ts';

test('a line says when its request came, what it was charged, and how long its answer took', () => {
  const line = logLine({
    time: LOG_START_MS + 10_000,
    totalMs: 2500.5,
    firstByteMs: 600,
    attempts: [
      { backend: 'east', outcome: 'throttled', status: 429, ms: 30 },
      { backend: 'west', outcome: 'succeeded', status: 200, ms: 500 },
    ],
    usage: { promptTokens: 60, outputTokens: 25, cachedTokens: 0 },
    priorityClass: 'batch',
  });
  expect(parseLine(line)).toEqual({
    kind: 'request',
    request: {
      id: 'secret-id-1',
      arrivedMs: LOG_START_MS + 7499.5,
      deployment: 'gpt-4o',
      isOverBudget: false,
      priorityClass: 'batch',
      estimate: { promptTokens: 60, outputTokens: 40 },
      isGuessed: false,
      outputTokens: 25,
      cachedTokens: 0,
      requestBytes: 240,
      headMs: 500,
      bodyMs: 1900.5,
      attempts: [
        { backend: 'east', isServed: false, isThrottled: true },
        { backend: 'west', isServed: true, isThrottled: false },
      ],
      wasShort: false,
      isPlain: false,
      share: 1,
    },
  });
});

test.each([
  ['that its first backend served', {}, true],
  ['that spilled', { spill: { from: 1, cause: 'full' } }, false],
  ['that waited', { waitedMs: 3 }, false],
  ['that a fallback served', { fallbackFrom: 'gpt-5', fallbackAfter: 0 }, false],
])('a request %s is told from others', (_, fields, isPlain) => {
  expect(parseLine(logLine(fields))).toMatchObject({ request: { isPlain } });
});

test.each([
  ['after as many attempts as the line says', { fallbackAfter: 1 }, ['gpt-5', undefined, undefined]],
  ['at the last attempt, where an earlier gateway does not say it', {}, ['gpt-5', 'gpt-5', undefined]],
])('a fallback is known to be asked %s', (_, fields, expected) => {
  const attempts = ['east', 'west', 'east'].map((backend) => ({ backend, outcome: 'throttled', ms: 1 }));
  const parsed = parseLine(logLine({ fallbackFrom: 'gpt-5', ...fields, attempts }));
  const request = parsed.kind === 'request' ? parsed.request : undefined;
  expect(request?.fallbackFrom).toBe('gpt-5');
  expect(request?.attempts.map(({ deployment }) => deployment)).toEqual(expected);
});

test('a line that was written for a share of those like it says so', () => {
  expect(parseLine(logLine({ share: 0.25 }))).toMatchObject({ request: { share: 0.25 } });
});

test.each([
  ['chat/completions', { promptTokens: 60, outputTokens: 16 }],
  ['embeddings', { promptTokens: 60, outputTokens: 0 }],
  ['audio/transcriptions', undefined],
])('without an estimate, %s of 240 bytes is taken for %j', (operation, estimate) => {
  expect(parseLine(logLine({ estimate: undefined, operation }))).toMatchObject({
    kind: 'request',
    request: { estimate, isGuessed: estimate !== undefined },
  });
});

test.each([
  ['refused for quota', { attempts: [], cause: 'throttled', status: 429 }],
  ['that waited for quota', { waitedMs: 30 }],
])('a request %s shows that quota ran out', (_, fields) => {
  expect(parseLine(logLine(fields))).toMatchObject({ kind: 'request', request: { wasShort: true } });
});

test('of a request that was not served, the time that its answer takes is not known', () => {
  const line = logLine({ attempts: [], cause: 'throttled', status: 429 });
  expect(parseLine(line)).toMatchObject({ request: { headMs: undefined, bodyMs: undefined } });
});

test.each([
  ['a prefix of docker compose', `gateway-1  | ${logLine({})}`],
  ['a prefix with braces', `{svc="gateway"} ${logLine({})}`],
  ['a prefix of containerd', `2026-01-01T00:00:00Z stdout F ${logLine({})}`],
])('a line is read behind %s', (_, line) => {
  expect(parseLine(line).kind).toBe('request');
});

test.each([
  ['the end of a colour', `${logLine({})}\u001B[0m`],
  ['the comma of a list', `  ${logLine({})},`],
])('a line is read before %s', (_, line) => {
  expect(parseLine(line)).toEqual(parseLine(logLine({})));
});

const inCsv = (value: string) => `"${value.replaceAll('"', '""')}"`;
const labels = inCsv('{"podLabels":{"app":"x"}}');

test.each([
  ['alone', (line: string) => `2026-01-01T00:00:00Z,${inCsv(line)},stdout`],
  ['before the labels of its pod', (line: string) => `${inCsv(line)},7,${labels}`],
  ['behind the labels of its pod', (line: string) => `2026-01-01T00:00:00Z,${labels},${inCsv(line)}`],
  ['in a wrapper', (line: string) => `${inCsv(JSON.stringify({ log: line }))},${labels}`],
])('a line is read out of the CSV that Log Analytics exports, %s', (_, toRow) => {
  const line = logLine({ client: '', backend: 'the "east" one, {"here"}, or there' });
  expect(parseLine(toRow(line))).toEqual(parseLine(line));
});

test.each([
  ['Docker', { log: `${logLine({})}\n`, stream: 'stdout', time: '2026-01-01T00:00:00Z' }],
  ['journald', { _PID: '7', MESSAGE: logLine({}) }],
  ['the console log of Container Apps', { TimeStamp: '2026-01-01T00:00:00', Log: `F ${logLine({})}` }],
  [
    'a diagnostic setting of Container Apps',
    { category: 'ContainerAppConsoleLogs', properties: { Log: logLine({}), Stream: 'stdout' } },
  ],
  ['Fluent Bit, parsed', { kubernetes: { labels: { app: 'x' } }, log: JSON.parse(logLine({})) as object }],
  ['a logger that calls it its message', { level: 'info', msg: logLine({}) }],
  ['a cloud that wraps twice', { entry: { jsonPayload: { log: logLine({}) } } }],
])('a line is read out of the one in which %s keeps it', (_, wrapper) => {
  expect(parseLine(JSON.stringify(wrapper))).toEqual(parseLine(logLine({})));
});

test.each([
  ['{"level":40,"dropped":12,"msg":"log lines were dropped"}', 'lost'],
  ['{"level":30,"msg":"listening"}', 'other'],
  ['{"msg":7}', 'wrong'],
  ['text', 'wrong'],
])('%s, kept by a log driver, is %s too', (log, kind) => {
  expect(parseLine(JSON.stringify({ log, stream: 'stderr' })).kind).toBe(kind);
});

test.each([
  ['text', 'no JSON object'],
  ['[1]', 'no JSON object'],
  ['{"msg":"request"', 'no JSON object'],
  ['{"time":1}', 'no line of the gateway: it has no `msg`'],
  [logLine({ time: 'now' }), '`time` is no number of milliseconds since 1970, of this century'],
  [logLine({ time: -1 }), '`time` is no number of milliseconds since 1970, of this century'],
  [logLine({ time: 12 }), '`time` is no number of milliseconds since 1970, of this century'],
  [logLine({ time: 1e18 }), '`time` is no number of milliseconds since 1970, of this century'],
  [logLine({ totalMs: null }), '`totalMs` is no number of milliseconds'],
  [logLine({ deployment: 7 }), '`deployment` is neither a text nor null'],
  [logLine({ attempts: undefined }), '`attempts` is no list of attempts'],
  [logLine({ attempts: [null] }), '`attempts` is no list of attempts'],
  [logLine({ attempts: [{ outcome: 'succeeded' }] }), '`attempts` is no list of attempts'],
  [logLine({ priorityClass: 'urgent' }), '`priorityClass` is none of interactive, standard, batch'],
  [logLine({ estimate: { promptTokens: 'many' } }), '`estimate` has no `promptTokens` and `outputTokens`'],
  [logLine({ share: 0 }), '`share` is no number above 0 and up to 1'],
  [logLine({ share: 'all' }), '`share` is no number above 0 and up to 1'],
  [logLine({ estimate: null }), '`estimate` has no `promptTokens` and `outputTokens`'],
])('%s is wrong: %s', (line, problem) => {
  expect(parseLine(line)).toEqual({ kind: 'wrong', problem });
});

test.each([{ status: 429, cause: 'throttled' }, { status: 499 }])(
  'a request that no backend had quota for is asked again: %j',
  (different) => {
    expect(parseLine(logLine({ attempts: [], ...different }))).toMatchObject({ kind: 'request' });
  },
);

test.each([
  ['{"level":30,"time":1,"msg":"listening"}', { kind: 'other' }],
  ['{"level":40,"time":1,"dropped":12,"msg":"log lines were dropped"}', { kind: 'lost', lines: 12 }],
  [logLine({ deployment: null }), { kind: 'left-out', reason: 'for no deployment, which spends no quota' }],
  [
    logLine({
      deployment: 'made-up',
      attempts: [{ backend: 'east', outcome: 'unavailable', status: 404, ms: 5 }],
      cause: 'deployment-missing',
      status: 404,
    }),
    { kind: 'left-out', reason: 'for a deployment that no backend had' },
  ],
  [
    logLine({ attempts: [], estimate: undefined, status: 400 }),
    { kind: 'left-out', reason: 'turned away by the gateway before a backend was chosen' },
  ],
  [
    logLine({ attempts: [], client: 'chat', status: 429 }),
    { kind: 'left-out', reason: 'turned away by the gateway before a backend was chosen' },
  ],
])('%s is no request to ask again', (line, expected) => {
  expect(parseLine(line)).toEqual(expected);
});

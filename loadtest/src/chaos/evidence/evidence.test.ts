import { beforeEach, expect, test } from 'vitest';
import type { Answer } from '../http/response-reader.ts';
import { makeMarker } from '../marker.ts';
import { ANSWER, Answers, ECHO } from './answers.ts';
import { Arrivals, SMUGGLED } from './arrivals.ts';
import { Findings } from './findings.ts';
import type { GatewayReport } from './gateway-probe.ts';
import { judgeHoldings, type Moment } from './judge-holdings.ts';
import { LogJudge } from './judge-log.ts';

let findings: Findings;
const broken = () => findings.kept.map(({ invariant, caseIndex, text }) => [invariant, caseIndex, text]);
const mine = makeMarker(7, 0);
const other = makeMarker(8, 0);

beforeEach(() => {
  findings = new Findings();
});

const headOf = (marker: string) => `GET /openai/v1/files/file-${marker} HTTP/1.1\r\nx-chaos-id: ${marker}`;

test('a request that a client sent may come to backends, as often as it is repeated', () => {
  const arrivals = new Arrivals(findings);
  arrivals.send(mine);
  expect(arrivals.arrive(headOf(mine), 'a')).toBe(mine);
  expect(arrivals.arrive(headOf(mine), 'b')).toBe(mine);
  arrivals.act(mine, 'a');
  arrivals.act(mine, 'b');
  expect(broken()).toEqual([]);
});

test.each([
  ['bytes of a body', headOf(`${SMUGGLED}-${mine}`), 7],
  ['a request without a marker', 'GET / HTTP/1.1', undefined],
  ['a request that nobody sent', headOf(other), 8],
  ['a request that is to be refused', headOf(makeMarker(9, 1)), 9],
])('%s at a backend is smuggled', (_name, head, caseIndex) => {
  const arrivals = new Arrivals(findings);
  arrivals.send(mine);
  arrivals.forbid(makeMarker(9, 1), 'what is to be refused');
  arrivals.arrive(head, 'a');
  expect(broken()).toEqual([['smuggling', caseIndex, expect.stringContaining('came to backend a')]]);
});

test('where bytes are mutated a request may lose its marker, but not have that of nobody', () => {
  const arrivals = new Arrivals(findings);
  arrivals.mayBeUnmarked = true;
  arrivals.arrive('GET / HTTP/1.1', 'a');
  expect(broken()).toEqual([]);
  arrivals.arrive(headOf(other), 'a');
  expect(findings.counts.get('smuggling')).toBe(1);
});

test('an object that two backends may have made is made twice', () => {
  const arrivals = new Arrivals(findings);
  arrivals.send(mine, true);
  arrivals.act(mine, 'a');
  expect(broken()).toEqual([]);
  arrivals.act(mine, 'a');
  expect(broken()).toEqual([['creation', 7, `${mine} was received whole by a and a`]]);
});

const answerTo = (marker: string, changes: Partial<Answer> = {}): Answer => ({
  status: 200,
  headers: new Map([
    [ECHO, marker],
    [ANSWER, 'a.1'],
    ['x-spillway-request-id', 'id-1'],
  ]),
  bodyBytes: 3,
  start: Buffer.from('end'),
  tail: Buffer.from('end'),
  isWhole: true,
  ...changes,
});
const whole = { kind: 'whole', bodyBytes: 3, tail: Buffer.from('end'), says: 'all' } as const;
const cut = { kind: 'cut', says: 'half' } as const;

test.each([
  ['a whole answer that is seen whole', whole, answerTo(mine), []],
  ['a cut answer that is seen cut', cut, answerTo(mine, { isWhole: false }), []],
  ['the answer to another request', whole, answerTo(other), ['order']],
  ['a cut answer that looks whole', cut, answerTo(mine), ['truncation']],
  ['a whole answer that is too short', whole, answerTo(mine, { bodyBytes: 2 }), ['truncation']],
  ['a whole answer with another end', whole, answerTo(mine, { tail: Buffer.from('and') }), ['truncation']],
  ['a whole answer that is seen cut', whole, answerTo(mine, { isWhole: false }), ['truncation']],
])('%s is told from a good one', (_name, sent, answer, expected) => {
  const answers = new Answers(findings);
  answers.send('a.1', sent);
  answers.see(answer, { caseIndex: 7, marker: mine, hasStayed: true });
  expect(broken().map(([invariant]) => invariant)).toEqual(expected);
});

test('two answers with the same id are one too many', () => {
  const answers = new Answers(findings);
  answers.see(answerTo(mine), { caseIndex: 7 });
  answers.see(answerTo(mine), { caseIndex: 9 });
  expect(broken()).toEqual([['log lines', 9, 'two answers have the id id-1']]);
});

const line = (values: object) => `${JSON.stringify({ level: 30, ...values })}\n`;

test('a log with one line for each answered request is as it has to be, in whatever pieces it comes', () => {
  const log = new LogJudge(findings, () => 7);
  const text = line({ msg: 'listening' }) + line({ msg: 'request', id: 'id-1' });
  for (const character of text) log.push(character);
  expect(broken()).toEqual([]);
  expect(log.missing(['id-1', 'id-2'])).toEqual(['id-2']);
});

test.each([
  ['no JSON', 'hello\n'],
  ['half a line of JSON', '{"level":30\n'],
  ['JSON that is no object', '7\n'],
  ['two lines of one request', line({ msg: 'request', id: 'id-1' }).repeat(2)],
  ['an error', line({ level: 50, msg: 'anything' })],
  ['an error that escaped', line({ msg: 'an error escaped' })],
  ['a request that failed inside', line({ msg: 'a request failed inside the gateway' })],
  ['a session that failed inside', line({ msg: 'a session failed inside the gateway' })],
])('%s in the log breaks it', (_name, text) => {
  new LogJudge(findings, () => 7).push(text);
  expect(broken().map(([invariant]) => invariant)).toEqual(['log lines']);
});

const idle: GatewayReport['process'] = {
  connections: 0,
  inFlight: 0,
  keptBytes: 0,
  escapedErrors: 0,
  droppedLogLines: 0,
};
const moment = (process: Partial<GatewayReport['process']> = {}, changes: Partial<Moment> = {}): Moment => ({
  report: { process: { ...idle, ...process }, backends: [{ name: 'a', inFlight: 0 }] },
  holdings: { descriptors: 30, residentBytes: 100_000_000 },
  openAtBackends: 5,
  busyAtBackends: [],
  ...changes,
});

test('a gateway that has only more idle connections to backends, and a little more memory, is as before', () => {
  const holdings = { descriptors: 40, residentBytes: 200_000_000 };
  judgeHoldings(moment(), moment({}, { holdings, openAtBackends: 15 }), findings);
  expect(broken()).toEqual([]);
});

test('descriptors are not judged where they cannot be counted', () => {
  const holdings = { descriptors: Number.NaN, residentBytes: 100_000_000 };
  judgeHoldings(moment({}, { holdings }), moment({}, { holdings }), findings);
  expect(broken()).toEqual([]);
});

test.each([
  ['a request in flight', moment({ inFlight: 1 }), 'idle'],
  ['a body that is kept', moment({ keptBytes: 9 }), 'idle'],
  ['an error that escaped', moment({ escapedErrors: 1 }), 'idle'],
  ['a log line that was dropped', moment({ droppedLogLines: 1 }), 'idle'],
  ['a connection of nobody', moment({ connections: 1 }), 'idle'],
  [
    'an attempt in flight',
    moment({}, { report: { process: idle, backends: [{ name: 'a', inFlight: 1 }] } }),
    'idle',
  ],
  ['a busy connection to a backend', moment({}, { busyAtBackends: ['a'] }), 'idle'],
  ['descriptors of nobody', moment({}, { holdings: { descriptors: 36, residentBytes: 0 } }), 'resources'],
  ['more memory', moment({}, { holdings: { descriptors: 30, residentBytes: 400_000_000 } }), 'resources'],
])('%s is noticed after everything has left', (_name, after, invariant) => {
  judgeHoldings(moment(), after, findings);
  expect(broken().map(([name]) => name)).toEqual([invariant]);
});

test('of an invariant that is broken again and again the first times are kept, and all are counted', () => {
  for (let i = 0; i < 100; i++) findings.add('order', String(i), i);
  expect(findings.kept.map(({ caseIndex }) => caseIndex)).toEqual([0, 1, 2]);
  expect(findings.counts.get('order')).toBe(100);
});

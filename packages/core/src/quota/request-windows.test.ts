import { expect, test } from 'vitest';
import { seededRandom } from '../testing/make-random.ts';
import { type RequestMark, RequestWindows } from './request-windows.ts';

const SHORT_MS = 10_000;
const MINUTE_MS = 60_000;
const makeWindows = (rpm?: number) => new RequestWindows(SHORT_MS, MINUTE_MS, rpm);

/**
 * A backend that reports the remainder of its limit within a window, and enforces it, or a sixth of it, within 10 s.
 */
class Backend {
  readonly #limit: number;
  readonly #toldMs: number;
  readonly #taken: number[] = [];

  constructor(limit: number, toldMs: number) {
    this.#limit = limit;
    this.#toldMs = toldMs;
  }

  /** The permanent remainder of the reported limit, and of the enforced one. */
  left(nowMs: number): { told: number; enforced: number } {
    const within = (ms: number) => this.#taken.filter((atMs) => atMs + ms > nowMs).length;
    const most = this.#toldMs === MINUTE_MS ? this.#limit / 6 : this.#limit;
    return { told: this.#limit - within(this.#toldMs), enforced: most - within(SHORT_MS) };
  }

  take(nowMs: number): void {
    this.#taken.push(nowMs);
  }
}

interface Answer {
  readonly atMs: number;
  readonly mark: RequestMark;
  readonly remaining: number;
}

/** Sends as much as there seems to be room for, with answers that take some seconds. Returns the counts. */
const saturate = (windows: RequestWindows, backend: Backend, limit: number, [fromMs, untilMs]: number[]) => {
  const random = seededRandom(1);
  const came = { sent: 0, refused: 0, heldInVain: 0 };
  let answers: Answer[] = [];
  for (let nowMs = fromMs!; nowMs < untilMs!; nowMs += 20 + 60 * random()) {
    for (const { atMs, mark, remaining } of answers) {
      if (atMs <= nowMs) windows.observe(mark, limit, remaining, nowMs);
    }
    answers = answers.filter(({ atMs }) => atMs > nowMs);
    const hasRoom = backend.left(nowMs).enforced > 0;
    if (windows.roomAtMs(0, nowMs) > nowMs) {
      if (hasRoom && backend.left(nowMs - 60).enforced > 0) came.heldInVain++;
      continue;
    }
    const mark = windows.charge(nowMs);
    came.sent++;
    if (hasRoom) backend.take(nowMs);
    else came.refused++;
    if (!hasRoom) windows.refund(mark);
    answers.push({ atMs: nowMs + 3000 * random(), mark, remaining: backend.left(nowMs).told });
  }
  return came;
};

test.each([
  ['tells 10 s, which was not said before', 100, SHORT_MS, undefined],
  ['tells 10 s of a limit that is known', 100, SHORT_MS, 600],
  ['tells a minute of a limit that is known', 600, MINUTE_MS, 600],
])(
  'a backend that enforces 100 requests in 10 s and %s is sent all that it takes, and nothing else',
  (_, limit, toldMs, rpm) => {
    const backend = new Backend(limit, toldMs);
    const windows = makeWindows(rpm);
    // A limit that is not configured has to be learned from the first answers.
    saturate(windows, backend, limit, [0, rpm === undefined ? 12_000 : 0]);
    const came = saturate(windows, backend, limit, [12_000, 132_000]);
    expect(came.refused).toBe(0);
    expect(came.heldInVain).toBeLessThan(came.sent / 50);
    expect(came.sent).toBeGreaterThan(1150);
  },
);

test('a backend that enforces 100 requests in 10 s and tells a minute, which was not said before, is found out within a minute', () => {
  const [backend, windows] = [new Backend(600, MINUTE_MS), makeWindows()];
  saturate(windows, backend, 600, [0, MINUTE_MS]);
  const came = saturate(windows, backend, 600, [MINUTE_MS, 3 * MINUTE_MS]);
  expect(came.refused).toBe(0);
  expect(came.heldInVain).toBeLessThan(came.sent / 50);
  expect(came.sent).toBeGreaterThan(1150);
});

/** Sends one request at each moment, and receives the backend's report at once. */
const sendAt = (windows: RequestWindows, backend: Backend, limit: number, moments: readonly number[]) => {
  for (const nowMs of moments) {
    const mark = windows.charge(nowMs);
    backend.take(nowMs);
    windows.observe(mark, limit, backend.left(nowMs).told, nowMs);
  }
};
const everySecond = (from: number, until: number) =>
  Array.from({ length: until - from }, (_, second) => (from + second) * 1000);

test('the window that is told is the minute once more is used than was sent in 10 s', () => {
  const [windows, backend] = [makeWindows(), new Backend(600, MINUTE_MS)];
  sendAt(windows, backend, 600, everySecond(0, 10));
  expect(windows.remainingAt(9000)).toBe(590);
  sendAt(windows, backend, 600, everySecond(10, 30));
  expect([windows.limit, windows.remainingAt(29_100)]).toEqual([600, 570]);
  // A sixth of that is enforced in 10 s: ten of a hundred are in use.
  for (let request = 0; request < 89; request++) windows.charge(29_100);
  expect(windows.roomAtMs(0, 29_100)).toBe(29_100);
  windows.charge(29_100);
  windows.charge(29_100);
  expect(windows.roomAtMs(0, 29_100)).toBeGreaterThan(29_100);
});

test('the window that is told is 10 s once less is used than was sent in a minute', () => {
  const [windows, backend] = [makeWindows(), new Backend(100, SHORT_MS)];
  sendAt(windows, backend, 100, everySecond(0, 30));
  expect([windows.limit, windows.remainingAt(29_100)]).toEqual([100, 90]);
});

test('the window that is told is one second where less is used than was sent in 10 s', () => {
  const [windows, backend] = [makeWindows(), new Backend(5, 1000)];
  sendAt(windows, backend, 5, everySecond(0, 30));
  expect([windows.limit, windows.remainingAt(29_100)]).toEqual([5, 4]);
  for (let request = 0; request < 4; request++) {
    expect(windows.roomAtMs(0, 29_100)).toBe(29_100);
    windows.charge(29_100);
  }
  expect(windows.roomAtMs(0, 29_100)).toBeCloseTo(30_025);
});

test('a refusal although some are left says that the minute is told only where we have sent as much as 10 s allow', () => {
  const [few, many] = [makeWindows(), makeWindows()];
  for (const [windows, count] of [
    [few, 9],
    [many, 11],
  ] as const) {
    const marks = Array.from({ length: count }, (_, request) => windows.charge(request));
    windows.observe(marks[count - 1]!, 60, 60 - count, 20);
    const refused = windows.charge(30);
    windows.refund(refused);
    windows.observeRefusal(refused, 60, 60 - count);
  }
  expect([few, many].map((windows) => windows.roomAtMs(0, 40) > 40)).toEqual([false, true]);
});

test.each([
  ['the minute', 600, MINUTE_MS],
  ['10 s', 100, SHORT_MS],
])(
  'the window that is told is still known to be %s after requests that never arrived',
  (_, limit, toldMs) => {
    const [windows, backend] = [makeWindows(), new Backend(limit, toldMs)];
    sendAt(windows, backend, limit, everySecond(0, 30));
    const lost = [windows.charge(29_100), windows.charge(29_200)];
    sendAt(windows, backend, limit, everySecond(30, 33));
    for (const mark of lost) windows.refund(mark);
    sendAt(windows, backend, limit, everySecond(33, 100));
    const used = toldMs / 1000;
    expect([windows.limit, windows.remainingAt(99_100)]).toEqual([limit, limit - used]);
  },
);

test('the window that is told is judged too by answers that take longer than 10 s', () => {
  const [windows, backend] = [makeWindows(), new Backend(600, MINUTE_MS)];
  const answers: (() => void)[] = [];
  for (const nowMs of everySecond(0, 60)) {
    const mark = windows.charge(nowMs);
    backend.take(nowMs);
    const remaining = backend.left(nowMs).told;
    answers.push(() => windows.observe(mark, 600, remaining, nowMs + 20_000));
    if (answers.length > 20) answers.shift()?.();
  }
  expect([windows.limit, windows.remainingAt(59_000)]).toEqual([600, 540]);
});

test('configured requests per minute are held to before anything is told, a sixth of them in 10 s', () => {
  const windows = makeWindows(60);
  for (let request = 0; request < 10; request++) {
    expect(windows.roomAtMs(0, request)).toBe(request);
    windows.charge(request);
  }
  expect(windows.roomAtMs(0, 100)).toBeGreaterThan(SHORT_MS);
});

test.each([
  [3, 1],
  [12, 2],
  [13, 3],
])('configured requests per minute of %i are %i in 10 s', (rpm, most) => {
  const windows = makeWindows(rpm);
  for (let request = 0; request < most; request++) windows.charge(0);
  expect(windows.remainingAt(0)).toBe(0);
  expect(windows.roomAtMs(0, 0)).toBeGreaterThanOrEqual(SHORT_MS);
});

test('configured requests per minute leave out what is reserved', () => {
  const windows = makeWindows(60);
  for (let request = 0; request < 7; request++) windows.charge(0);
  expect(windows.roomAtMs(0.3, 0)).toBeGreaterThan(0);
  expect(windows.roomAtMs(0, 0)).toBe(0);
});

test('a request that is taken back has cost nothing', () => {
  const windows = makeWindows(6);
  const mark = windows.charge(0);
  expect(windows.roomAtMs(0, 0)).toBeGreaterThan(0);
  windows.refund(mark);
  expect(windows.roomAtMs(0, 0)).toBe(0);
});

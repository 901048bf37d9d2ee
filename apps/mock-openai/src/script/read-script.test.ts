import { expect, test } from 'vitest';
import { parseScript, readScript } from './read-script.ts';

const forms: [string, unknown[]][] = [
  ['', []],
  ['ok', [{ kind: 'ok' }]],
  ['always ok', [{ kind: 'ok' }]],
  ['3x ok', [{ kind: 'ok', times: 3 }]],
  ['10s ok', [{ kind: 'ok', forMs: 10_000 }]],
  ['1.5s hang', [{ kind: 'hang', forMs: 1500 }]],
  ['250ms hang', [{ kind: 'hang', forMs: 250 }]],
  ['2m hang()', [{ kind: 'hang', forMs: 120_000 }]],
  ['throttle', [{ kind: 'throttle' }]],
  ['throttle(5)', [{ kind: 'throttle', retryAfterSeconds: 5 }]],
  ['throttle(retry-after=-0.5)', [{ kind: 'throttle', retryAfterSeconds: -0.5 }]],
  ['throttle(retry-after=none)', [{ kind: 'throttle', retryAfterSeconds: false }]],
  ['throttle( retry-after = 5 , delay=20ms )', [{ kind: 'throttle', retryAfterSeconds: 5, delayMs: 20 }]],
  ['throttle(retry-after-ms=300)', [{ kind: 'throttle', retryAfterMs: 300 }]],
  [
    'throttle(reset-requests=4, reset-tokens="6m0s", text=call-rate)',
    [{ kind: 'throttle', resetRequests: 4, resetTokens: '6m0s', text: 'call-rate' }],
  ],
  [
    'throttle(header.Retry-After="Wed, 21 Oct 2026 07:28:00 GMT", header.x-a=b)',
    [{ kind: 'throttle', headers: { 'Retry-After': 'Wed, 21 Oct 2026 07:28:00 GMT', 'x-a': 'b' } }],
  ],
  ['status(500)', [{ kind: 'status', status: 500 }]],
  ['status(status=400, code=content_filter)', [{ kind: 'status', status: 400, code: 'content_filter' }]],
  ['status(502, body="a \\"b\\" (c")', [{ kind: 'status', status: 502, body: 'a "b" (c' }]],
  [
    'slow(delay=2s, chunk-delay=50ms, chunks=9)',
    [{ kind: 'slow', delayMs: 2000, chunkDelayMs: 50, chunks: 9 }],
  ],
  ['reset', [{ kind: 'reset' }]],
  ['reset(after-header-bytes=20)', [{ kind: 'reset', afterHeaderBytes: 20 }]],
  ['hang(after-chunks=3)', [{ kind: 'hang', afterChunks: 3 }]],
  ['truncate(abrupt=true)', [{ kind: 'truncate', isAbrupt: true }]],
  ['throttle(has-policy=false)', [{ kind: 'throttle', hasPolicy: false }]],
  ['10s refuse', [{ kind: 'refuse', forMs: 10_000 }]],
  ['redirect("https://x/?a=(b),c")', [{ kind: 'redirect', location: 'https://x/?a=(b),c' }]],
  [
    'error(after-chunks=5, form=event, shape=flat, message="Not (now).", type=x, code=y)',
    [
      {
        kind: 'error',
        afterChunks: 5,
        form: 'event',
        shape: 'flat',
        message: 'Not (now).',
        type: 'x',
        code: 'y',
      },
    ],
  ],
  ['block(after-tokens=9)', [{ kind: 'block', afterTokens: 9 }]],
  ['garbage(text=x)', [{ kind: 'garbage', text: 'x' }]],
  ['drip(bytes=2, every=5ms)', [{ kind: 'drip', bytes: 2, everyMs: 5 }]],
  ['stale(at=idle, after=1s)', [{ kind: 'stale', at: 'idle', afterMs: 1000 }]],
  ['huge-headers(bytes=9000)', [{ kind: 'huge-headers', bytes: 9000 }]],
  ['gzip(delay=1ms)', [{ kind: 'gzip', delayMs: 1 }]],
  [
    '10% reset, always 2.5% throttle(1), 3x 50% hang, 10s  100% gzip, ok',
    [
      { kind: 'reset', chance: 0.1 },
      { kind: 'throttle', retryAfterSeconds: 1, chance: 0.025 },
      { kind: 'hang', chance: 0.5, times: 3 },
      { kind: 'gzip', chance: 1, forMs: 10_000 },
      { kind: 'ok' },
    ],
  ],
  ['reset(after-bytes=100)', [{ kind: 'reset', afterBytes: 100 }]],
  ['reset(after-chunks=0)', [{ kind: 'reset', afterChunks: 0 }]],
  ['truncate(after-chunks=3)', [{ kind: 'truncate', afterChunks: 3 }]],
  [
    '3x throttle(retry-after=5), 10s status(500), always ok',
    [
      { kind: 'throttle', retryAfterSeconds: 5, times: 3 },
      { kind: 'status', status: 500, forMs: 10_000 },
      { kind: 'ok' },
    ],
  ],
  [
    '# first, "all\n 1x hang,\n\n# then\n1x reset\nok\n',
    [{ kind: 'hang', times: 1 }, { kind: 'reset', times: 1 }, { kind: 'ok' }],
  ],
  ['[{"kind":"hang","times":2}]', [{ kind: 'hang', times: 2 }]],
];

test.each(forms)('a script is read from %j', (text, steps) => {
  expect(readScript(text)).toEqual({ kind: 'script', script: steps });
});

const errors: [unknown, string[]][] = [
  [
    'thottle(5)',
    [
      '1:1: "thottle" is not one of ok, slow, throttle, status, redirect, error, block, refuse, hang, reset, truncate, garbage, drip, stale, huge-headers, gzip',
    ],
  ],
  [
    '1x ok\n  5y hang',
    ['2:3: "5y" is not a length: a count such as 3x, a time such as 10s or 250ms, or always'],
  ],
  ['0x ok', ['1:1: "0x" is not a length: a count such as 3x, a time such as 10s or 250ms, or always']],
  ['ok, hang', ['1:5: this step is never reached, because the one before it always applies']],
  ['1x ok,, hang', ['1:7: a step is missing before the comma']],
  ['?', ['1:1: "?" is not a step such as "3x throttle(retry-after=5)"']],
  ['1x ok, hang(', ['1:8: a bracket is opened and never closed']],
  ['status(500, body="x)', ['1:18: a quote is opened and never closed']],
  ['ok(1)', ['1:4: "1" is not an argument of ok (it has none)']],
  ['status', ['1:1: status needs a number, such as status(500)']],
  ['status(99)', ['1:8: "99" is not a whole number from 200 to 599']],
  ['status(500, 501)', ['1:13: "501" is said twice']],
  ['throttle(retry-after=soon)', ['1:10: "soon" is not a number of seconds, or none (in JSON: false)']],
  [
    'throttle(text=loud)',
    [
      '1:10: "loud" is not one of token-rate, token-rate-aiservices, call-rate, call-rate-short, token-rate-2025, high-demand, ptu',
    ],
  ],
  ['redirect', ['1:1: redirect needs a location, such as redirect("https://example.com/")']],
  ['0% ok', ['1:1: "0%" is not a chance above 0% and up to 100%, such as 10% (in JSON: 0.1)']],
  ['3x  101% ok', ['1:5: "101%" is not a chance above 0% and up to 100%, such as 10% (in JSON: 0.1)']],
  ['10s 3x ok', ['1:5: "3x" is not a chance above 0% and up to 100%, such as 10% (in JSON: 0.1)']],
  ['10% 3x ok', ['1:5: "3x" stands after a chance, not before it']],
  ['10% refuse', ['1:1: refuse cannot have a chance, because a closed port refuses everyone; reset can']],
  ['reset(after-bytes=-1)', ['1:7: "-1" is not a whole number of at least 0']],
  [
    'slow(delay=5, size=3)',
    [
      '1:6: "5" is not a time such as 250ms, 10s or 2m (in JSON: milliseconds, at least 0)',
      '1:15: "size" is not an argument of slow (it has delay, chunk-delay, chunks)',
    ],
  ],
  [
    '1x nap, 1x ok(x), status(99)',
    [
      '1:4: "nap" is not one of ok, slow, throttle, status, redirect, error, block, refuse, hang, reset, truncate, garbage, drip, stale, huge-headers, gzip',
      '1:15: "x" is not an argument of ok (it has none)',
      '1:26: "99" is not a whole number from 200 to 599',
    ],
  ],
  ['{"kind":"ok"}', ['{"kind":"ok"} is not a list of steps']],
  [7, ['7 is not a list of steps']],
  [['ok'], ['[0]: "ok" is not a step']],
  [
    [{ kind: 'nap' }],
    [
      '[0].kind: "nap" is not one of ok, slow, throttle, status, redirect, error, block, refuse, hang, reset, truncate, garbage, drip, stale, huge-headers, gzip',
    ],
  ],
  [[{ kind: 'hang' }, { kind: 'ok' }], ['[1]: is never reached, because the step before it always applies']],
  [
    [{ kind: 'status', times: 0, size: 1 }],
    [
      '[0].times: 0 is not a whole number of at least 1',
      '[0].size: status has no such field (it has status, code, body, headers, delayMs, times, forMs, chance)',
      '[0].status: is missing',
    ],
  ],
  [[{ kind: 'redirect' }], ['[0].location: is missing']],
  [
    [{ kind: 'refuse', chance: 2 }],
    [
      '[0].chance: 2 is not a chance above 0% and up to 100%, such as 10% (in JSON: 0.1)',
      '[0].chance: refuse cannot have a chance, because a closed port refuses everyone; reset can',
    ],
  ],
  [[{ kind: 'ok', times: 1, forMs: 1 }], ['[0]: has both times and forMs']],
  [
    [{ kind: 'throttle', headers: { 'a b': 'x' } }],
    ['[0].headers: {"a b":"x"} is not an object of valid header names and texts'],
  ],
];

test.each(errors)('the reader of scripts names every problem of %j with its place', (input, problems) => {
  expect(readScript(input)).toEqual({ kind: 'wrong', problems });
});

test('the reader of scripts says why JSON cannot be read', () => {
  expect(() => parseScript('[{')).toThrow(/^The script is wrong:\n {2}not JSON: /);
});

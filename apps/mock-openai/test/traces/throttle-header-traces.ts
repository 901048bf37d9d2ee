import { askMock } from './ask-mock.ts';
import { namedHeaderLines } from './reply-lines.ts';
import type { MockOptions } from '../../src/options/options.ts';
import type { Trace } from './trace.ts';

const region = 'West Europe';
// More than a provisioned deployment of 15 units drains in a minute; the answer does not give it back.
const longPrompt = 'a word '.repeat(25_000);

/**
 * The headers of a 429 in each shape of a quota; `…` where the trace has only a name. A quota's window is 60 s for
 * tokens and 10 s for calls: a time scale of 60/55 makes the second call wait for 55 s, as observed.
 */
export const throttleHeaderTraces: readonly Trace[] = [
  {
    what: 'tokens, December 2023 (`x-rate-limit`, not `x-ratelimit`)',
    grade: 'O',
    source: 'openai-python#937',
    ...secondCall({ region, timeScale: 60 / 55, quota: '*=standard(tpm=150, rpm=240, headers=2023)' }, [
      'x-rate-limit-reset-tokens: 55',
      'policy-id: DeploymentRatelimit-Token',
      'x-ms-region: …',
      'x-ratelimit-remaining-requests: …',
      'apim-request-id: …',
      'no Retry-After',
    ]),
  },
  {
    what: 'calls, December 2023',
    grade: 'O',
    source: 'a trace of 2023-12-01',
    ...secondCall({ region, timeScale: 10 / 4, quota: '*=standard(rpm=6, headers=2023)' }, [
      'x-ratelimit-reset-requests: 4',
      'x-ms-client-request-id: …',
      'apim-request-id: …',
      'Strict-Transport-Security: …',
      'X-Content-Type-Options: …',
      'policy-id: DeploymentRatelimit-Call',
      'x-ms-region: West Europe',
      'Content-Length: 85',
      'no Retry-After',
    ]),
  },
  {
    what: 'tokens, the usual',
    grade: 'O',
    source: 'paperless-gpt#814',
    ...secondCall({ timeScale: 60 / 45, quota: '*=standard(tpm=150, retry-after-ms=true)' }, [
      'Retry-After: 45',
      'retry-after-ms: …',
    ]),
  },
  {
    what: 'provisioned throughput',
    grade: 'D',
    source: 'docs, concepts/provisioned-throughput',
    ...secondCall({ quota: '*=ptu(units=15)' }, ['retry-after-ms: …', 'retry-after: …'], longPrompt),
  },
  {
    what: 'the Responses API, November 2025',
    grade: 'O',
    source: 'openai-dotnet#838',
    ...secondCall({ quota: '*=standard(tpm=150, headers=responses)' }, [
      'x-ratelimit-limit-tokens: -1',
      'x-ratelimit-remaining-tokens: -1',
      'x-ratelimit-reset-tokens: 0',
      'no Retry-After',
    ]),
  },
  {
    what: 'a day, as small and trial deployments were told',
    grade: 'O',
    source: 'TinyLLM#17',
    ...secondCall({ quota: '*=standard(tpm=150, headers=86400)' }, ['Retry-After: 86400']),
  },
];

/** Makes the same call twice, the second of which a quota refuses, and reads the headers that the trace names. */
function secondCall(
  options: MockOptions,
  wild: readonly string[],
  content = 'Hello',
): Pick<Trace, 'wild' | 'ask'> {
  const names = wild.map((line) => line.replace(/^no /, '').replace(/:.*/, ''));
  const body = { messages: [{ role: 'user', content }], max_tokens: 100 };
  const ask = async () => {
    const lines = namedHeaderLines(await askMock(options, { body }, { body }), ...names);
    return lines.map((line, index) =>
      wild[index]?.endsWith(': …') === true ? line.replace(/: .+/, ': …') : line,
    );
  };
  return { wild, ask };
}

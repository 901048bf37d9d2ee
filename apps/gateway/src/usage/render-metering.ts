import { meterings } from './metering.ts';

const FILES: readonly string[] = [
  '## Files for batches',
  '',
  'Each line of a file that is uploaded with the purpose `batch` names a model and says how long its answer may be. They are read as',
  'the file comes, a line at a time. The `url` of a line is read as the path of a request is, in any spelling that the gateway knows,',
  'and the line counts what such a request is expected to take. A line of more than 16 MiB, a line that names no model or several, one',
  'that is no JSON, one whose `url` is of no operation that is asked of a model, and the 1,001st model make the file a 400 that says',
  'which line it is. Files that are uploaded in parts, or that a batch finds elsewhere, are not read.',
  '',
];

const LIMITS: readonly string[] = [
  '## Limits of an answer’s length',
  '',
  'Where a client’s answers have a greatest length, `max_tokens`, `max_completion_tokens` and `max_output_tokens` are lowered to it in',
  'the body, and all else of it stays as it was. A request without any gets the field that fits: `max_output_tokens` for responses,',
  '`max_completion_tokens` for chat completions in v1 and in API versions since 2024-09-01, else `max_tokens`. The greatest length is',
  'that of all choices together: with `n` or `best_of`, and with several prompts of a completion, each gets its share, at least one',
  'token. A completion that names none has 16 tokens for each choice, and gets the field only where less is allowed. What is no number',
  'is left to the backend to refuse, but a `null`, which limits nothing, is replaced. A request to Claude that is to think more',
  '(`thinking.budget_tokens`) than is left is a 400 that says so.',
  '',
  'Of a session of the Responses API each message is limited that names a model or may ask for a response. A realtime session’s',
  'answers are not limited.',
];

/** Returns the page of how operations are metered as Markdown. */
export function renderMetering(): string {
  return [
    '# Metering',
    '',
    'Generated from `apps/gateway/src/usage/metering.ts`; do not edit. `pnpm exec vitest run metering --update` rewrites it.',
    '',
    'What a client with budgets takes is known at the end of each of its requests, however it ends. Requests of other clients pass',
    'untouched, but for responses in the background. For a metered one',
    '',
    '- backends are asked for answers that are not packed. A backend that packs all the same has a copy of its answer unpacked here,',
    '  up to 64 MiB of it, while the client gets the packed one;',
    '- a body that says more than once whether it asks for a stream is a 400;',
    '- realtime sessions are opened without compression;',
    '- streams of chat completions and completions are asked for their usage, in v1 and in API versions since 2024-09-01, unless the',
    '  client has done so or `data_sources` is used. The client gets exactly what it would have got without: the last chunk and the',
    '  `"usage":null` of the others are taken out again. A stream that its backend packs all the same comes unpacked then;',
    '- a deployment that refuses to be asked is asked again as the client did, and from then on until the next start;',
    '- a request that is larger than `limits.replayBytes` is passed on as it comes, so that its stream is not asked.',
    '',
    'Where an answer does not tell what it has taken, or not all of it, because it was broken off, its client left, or the API tells',
    'nothing, the output is an **estimate** of what was relayed; the prompt counts as it was estimated when the request came. An answer',
    'that tells less than nothing, or more than 10^12 tokens, tells nothing.',
    '',
    'A request that is refused takes nothing. Who asks for an object again takes nothing either, although its usage is told again. A',
    'response in the background stays charged as it was expected to be until somebody asks for its outcome: then the charge of the',
    'client that has created it is corrected, and its tokens are counted, once, for that client and the deployment that it was made',
    'with. 100,000 of them are remembered until the next start.',
    '',
    '| operation | method | how it is metered |',
    '| --- | --- | --- |',
    ...meterings.map(({ operation, method, how }) => `| \`${operation}\` | ${method} | ${how} |`),
    '',
    'Responses over WebSocket are sessions: each usage is charged when it is told, as in `realtime`.',
    '',
    ...FILES,
    ...LIMITS,
    '',
  ].join('\n');
}

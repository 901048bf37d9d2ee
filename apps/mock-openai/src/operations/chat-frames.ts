import {
  annotations,
  blockedFilterJson,
  chunkFilterJson,
  promptFilterJson,
} from '../azure/content-filter.ts';
import { fingerprint, toolCallBody } from './chat-json.ts';
import { logprobsJson } from './logprobs.ts';
import { piecesOf } from './reply.ts';
import type { Completion } from './chat-json.ts';

/** Streams a chat completion, a chunk for each token of each choice. */
export function* chatFrames(
  completion: Completion,
  withUsage: boolean,
  isAsynchronous: boolean,
): Generator<string> {
  const { id, created, model, said, reason, usage, asked } = completion;
  const { pieces } = said.reply;
  const noUsage = withUsage ? ',"usage":null' : '';
  const common = `"created":${created},"id":"${id}","model":${model},"object":"chat.completion.chunk",${fingerprint}`;
  const found = isAsynchronous ? annotations(pieces, reason, noUsage) : undefined;
  const noResults = isAsynchronous ? '' : '"content_filter_results":{},';
  const results = isAsynchronous ? '' : `"content_filter_results":${chunkFilterJson},`;
  const lastResults =
    reason === 'content_filter' ? `"content_filter_results":${blockedFilterJson},` : noResults;
  const chunk = (index: number, filter: string, delta: string, logprobs = 'null', finish = 'null') =>
    `data: {"choices":[{${filter}"delta":${delta},"finish_reason":${finish},"index":${index},"logprobs":${logprobs}}],${common}${noUsage}}\n\n`;
  const choices = Array.from({ length: asked.choices }, (_, index) => index);
  const first = said.calls.length === 0 ? '""' : 'null';

  // The prompt's filter results come first, in a chunk without an id and without choices: clients must cope with it.
  yield `data: {"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":${promptFilterJson}${noUsage}}\n\n`;
  for (const index of choices)
    yield chunk(index, noResults, `{"content":${first},"refusal":null,"role":"assistant"}`);
  for (const [position, piece] of pieces.entries()) {
    const logprobs = asked.alternatives === undefined ? undefined : logprobsJson([piece], asked.alternatives);
    for (const index of choices)
      yield chunk(index, results, `{"content":${JSON.stringify(piece)}}`, logprobs);
    const annotation = found?.get(position);
    if (annotation !== undefined) yield annotation;
  }
  for (const delta of callDeltas(completion))
    for (const index of choices) yield chunk(index, noResults, `{"tool_calls":[${delta}]}`);
  for (const index of choices) yield chunk(index, lastResults, '{}', 'null', `"${reason}"`);
  const late = found?.get(pieces.length);
  if (late !== undefined) yield late;
  if (withUsage) yield `data: {"choices":[],${common},"usage":${usage}}\n\n`;
  yield 'data: [DONE]\n\n';
}

/** Writes calls the way a stream does: first the function's name, then the arguments, token by token. */
function* callDeltas({ said, encoding }: Completion): Generator<string> {
  for (const [index, call] of said.calls.entries()) {
    yield JSON.stringify({ index, ...toolCallBody({ ...call, input: '' }) });
    for (const piece of piecesOf(call.input, encoding)) {
      const about = call.kind === 'function' ? { arguments: piece } : { input: piece };
      yield JSON.stringify({ index, [call.kind]: about });
    }
  }
}

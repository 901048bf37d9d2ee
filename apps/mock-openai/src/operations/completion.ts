import {
  annotations,
  blockedFilterJson,
  choiceFilterJson,
  promptFilterJson,
} from '../azure/content-filter.ts';
import { streamWish } from '../calls/model-call.ts';
import { countInput } from '../tokens/count-prompt.ts';
import { encodingOf } from '../tokens/encoding-of.ts';
import { makeId } from './make-id.ts';
import { modelName } from './model-name.ts';
import { sayText } from './say-text.ts';
import { readStops } from './stop-sequences.ts';
import { usageJson } from './usage.ts';
import type { ModelAnswer, ModelCall } from '../calls/model-call.ts';

/** Answers a completion: one JSON, or a stream. */
export function completion(call: ModelCall): ModelAnswer {
  const { prompt } = call.body;
  if (prompt === undefined) {
    const message = "Missing required parameter: 'prompt'.";
    return { kind: 'invalid', message, param: 'prompt', code: 'missing_required_parameter' };
  }
  const stops = readStops(call.body['stop']);
  if ('kind' in stops) return stops;
  const encoding = encodingOf(call.deployment, 'cl100k_base');
  const { reply, tokens, reason } = sayText(call, stops, encoding);
  const model = JSON.stringify(modelName(call.deployment, 'gpt-35-turbo-instruct'));
  const common = `"id":"${makeId('cmpl-')}","object":"text_completion","created":${Math.floor(Date.now() / 1000)},"model":${model}`;
  const usage = usageJson(countInput(prompt, encoding), tokens);
  const { isStream, withUsage } = streamWish(call);
  if (isStream) {
    const isAsynchronous = call.contentFilter === 'asynchronous';
    const lastUsage = withUsage ? usage : undefined;
    return { kind: 'events', frames: frames(reply.pieces, common, reason, lastUsage, isAsynchronous) };
  }
  const results = reason === 'content_filter' ? blockedFilterJson : choiceFilterJson;
  const choice = `{"text":${reply.json},"index":0,"logprobs":null,"finish_reason":"${reason}","content_filter_results":${results}}`;
  return {
    kind: 'json',
    body: `{${common},"prompt_filter_results":${promptFilterJson},"choices":[${choice}],"usage":${usage}}\n`,
  };
}

function* frames(
  pieces: readonly string[],
  common: string,
  reason: string,
  usage: string | undefined,
  isAsynchronous: boolean,
): Generator<string> {
  const noUsage = usage === undefined ? '' : ',"usage":null';
  const found = isAsynchronous ? annotations(pieces, reason, noUsage) : undefined;
  const results = isAsynchronous ? '' : `,"content_filter_results":${choiceFilterJson}`;
  const noResults = isAsynchronous ? '' : ',"content_filter_results":{}';
  const lastResults =
    reason === 'content_filter' ? `,"content_filter_results":${blockedFilterJson}` : noResults;
  yield `data: {${common},"prompt_filter_results":${promptFilterJson},"choices":[]${noUsage}}\n\n`;
  for (const [index, piece] of pieces.entries()) {
    yield `data: {${common},"choices":[{"text":${JSON.stringify(piece)},"index":0,"logprobs":null,"finish_reason":null${results}}]${noUsage}}\n\n`;
    const annotation = found?.get(index);
    if (annotation !== undefined) yield annotation;
  }
  yield `data: {${common},"choices":[{"text":"","index":0,"logprobs":null,"finish_reason":"${reason}"${lastResults}}]${noUsage}}\n\n`;
  const late = found?.get(pieces.length);
  if (late !== undefined) yield late;
  if (usage !== undefined) yield `data: {${common},"choices":[],"usage":${usage}}\n\n`;
  yield 'data: [DONE]\n\n';
}

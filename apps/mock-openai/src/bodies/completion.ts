import { choiceFilterJson, promptFilterJson } from './content-filter.ts';
import { estimateTokens } from './estimate-tokens.ts';
import { makeId } from './make-id.ts';
import { modelName } from './model-name.ts';
import { makeReply } from './reply.ts';
import { usageJson } from './usage.ts';
import { replyLength, streamWish } from './model-call.ts';
import type { ModelAnswer, ModelCall } from './model-call.ts';

/** Answers a completion: one JSON, or a stream. */
export function completion(call: ModelCall): ModelAnswer {
  const { prompt } = call.body;
  if (prompt === undefined) {
    const message = "Missing required parameter: 'prompt'.";
    return { kind: 'invalid', message, param: 'prompt', code: 'missing_required_parameter' };
  }
  const { tokens, reason } = replyLength(call);
  const reply = makeReply(call.mockName, tokens);
  const model = JSON.stringify(modelName(call.deployment, 'gpt-35-turbo-instruct'));
  const common = `"id":"${makeId('cmpl-')}","object":"text_completion","created":${Math.floor(Date.now() / 1000)},"model":${model}`;
  const usage = usageJson(
    estimateTokens(typeof prompt === 'string' ? prompt : JSON.stringify(prompt)),
    tokens,
  );
  const { isStream, withUsage } = streamWish(call);
  if (isStream) {
    return { kind: 'events', frames: frames(reply.pieces, common, reason, withUsage ? usage : undefined) };
  }
  const choice = `{"text":${reply.json},"index":0,"logprobs":null,"finish_reason":"${reason}","content_filter_results":${choiceFilterJson}}`;
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
): Generator<string> {
  const noUsage = usage === undefined ? '' : ',"usage":null';
  yield `data: {${common},"prompt_filter_results":${promptFilterJson},"choices":[]${noUsage}}\n\n`;
  for (const piece of pieces) {
    yield `data: {${common},"choices":[{"text":${JSON.stringify(piece)},"index":0,"logprobs":null,"finish_reason":null,"content_filter_results":${choiceFilterJson}}]${noUsage}}\n\n`;
  }
  yield `data: {${common},"choices":[{"text":"","index":0,"logprobs":null,"finish_reason":"${reason}","content_filter_results":{}}]${noUsage}}\n\n`;
  if (usage !== undefined) yield `data: {${common},"choices":[],"usage":${usage}}\n\n`;
  yield 'data: [DONE]\n\n';
}

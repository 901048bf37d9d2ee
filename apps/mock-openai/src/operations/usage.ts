const outputDetails =
  '"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}';

/** The `usage` of a reply, as JSON; `cachedTokens` of the prompt came from the cache. */
export function usageJson(promptTokens: number, completionTokens: number, cachedTokens = 0): string {
  const totalTokens = promptTokens + completionTokens;
  const counts = `"prompt_tokens":${promptTokens},"completion_tokens":${completionTokens},"total_tokens":${totalTokens}`;
  return `{${counts},"prompt_tokens_details":{"audio_tokens":0,"cached_tokens":${cachedTokens}},${outputDetails}}`;
}

const details =
  ',"prompt_tokens_details":{"audio_tokens":0,"cached_tokens":0},' +
  '"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}';

/** The `usage` of a reply, as JSON. */
export function usageJson(promptTokens: number, completionTokens: number): string {
  const totalTokens = promptTokens + completionTokens;
  return `{"prompt_tokens":${promptTokens},"completion_tokens":${completionTokens},"total_tokens":${totalTokens}${details}`;
}

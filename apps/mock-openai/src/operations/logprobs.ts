/** Writes the `logprobs` of tokens, as JSON: each token is the likeliest of `alternatives`, which are numbered. */
export function logprobsJson(pieces: readonly string[], alternatives: number): string {
  const tokens = pieces.map((token) => tokenLogprob(token, alternatives));
  return JSON.stringify({ content: tokens, refusal: null });
}

/** Returns how likely a token was, and its alternatives. */
export function tokenLogprob(token: string, alternatives: number): object {
  const top = Array.from({ length: alternatives }, (_, index) =>
    entry(index === 0 ? token : `${token}${index}`, -0.125 * (index + 1)),
  );
  return { ...entry(token, -0.125), top_logprobs: top };
}

function entry(token: string, logprob: number): object {
  return { token, logprob, bytes: [...Buffer.from(token)] };
}

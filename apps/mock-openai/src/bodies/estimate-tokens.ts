/** Estimates the tokens of a text at four characters each, as Azure does when a request arrives. */
export function estimateTokens(text: string): number {
  return Math.ceil(text.length / 4);
}

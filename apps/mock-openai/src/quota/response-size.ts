import { chatSize } from './estimate-tokens.ts';
import type { CallSize } from './estimate-tokens.ts';

/** Reads the size of a response: the texts of its input and instructions; earlier responses are not counted. */
export function responseSize(body: Readonly<Record<string, unknown>>): CallSize {
  const { input, instructions, max_output_tokens: maxTokens } = body;
  const messages = [{ content: instructions }, ...(Array.isArray(input) ? input : [{ content: input }])];
  return chatSize({ messages, max_tokens: maxTokens });
}

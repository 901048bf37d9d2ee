import { countTokens } from './count-tokens.ts';
import type { Encoding } from './encoding-of.ts';

const perMessage = 3;
const perName = 1;
const replyPrimer = 3;
// OpenAI's charge for an image of low detail; other images depend on a size that is not looked at.
const perImage = 85;

/** The tokens of a chat's prompt, and of its parts. */
export interface ChatCount {
  readonly tokens: number;
  readonly ofTools: number;
  readonly ofMessages: readonly number[];
}

/** Counts the prompt of a chat as OpenAI documents it: three tokens around each message, and three that begin the reply. */
export function countChat(messages: readonly unknown[], tools: unknown, encoding: Encoding): ChatCount {
  const ofTools = countValue(tools, encoding);
  const ofMessages = messages.map((message) => perMessage + countMessage(message, encoding));
  let tokens = replyPrimer + ofTools;
  for (const count of ofMessages) tokens += count;
  return { tokens, ofTools, ofMessages };
}

/** Counts the tokens of a chat's whole prompt. */
export function countChatPrompt(messages: readonly unknown[], tools: unknown, encoding: Encoding): number {
  return countChat(messages, tools, encoding).tokens;
}

/** Counts a prompt or the input of an embedding: a text, tokens, or a list of texts or of lists of tokens. */
export function countInput(input: unknown, encoding: Encoding): number {
  if (!Array.isArray(input)) return countValue(input, encoding);
  if (typeof input[0] === 'number') return input.length;
  let tokens = 0;
  for (const one of input as readonly unknown[]) {
    tokens += Array.isArray(one) ? one.length : countValue(one, encoding);
  }
  return tokens;
}

/** Counts the content of a message: a text, or a list of parts, some of which have a text and some are images. */
export function countContent(content: unknown, encoding: Encoding): number {
  if (!Array.isArray(content)) return countValue(content, encoding);
  let tokens = 0;
  for (const part of content as readonly unknown[]) tokens += countPart(part, encoding);
  return tokens;
}

function countMessage(message: unknown, encoding: Encoding): number {
  if (typeof message !== 'object' || message === null) return 0;
  const fields = message as Readonly<Record<string, unknown>>;
  let tokens = 0;
  for (const key of Object.keys(fields)) {
    const value = fields[key];
    if (key === 'content') tokens += countContent(value, encoding);
    else if (key === 'name') tokens += perName + countValue(value, encoding);
    else tokens += countValue(value, encoding);
  }
  return tokens;
}

function countPart(part: unknown, encoding: Encoding): number {
  if (typeof part !== 'object' || part === null) return 0;
  const { type, text } = part as Readonly<Record<string, unknown>>;
  if (typeof text === 'string') return countTokens(text, encoding);
  return type === 'image_url' || type === 'input_image' ? perImage : 0;
}

/** Anything that is not text is counted as its JSON, like tools and their calls. */
function countValue(value: unknown, encoding: Encoding): number {
  if (value === undefined || value === null) return 0;
  return countTokens(typeof value === 'string' ? value : JSON.stringify(value), encoding);
}

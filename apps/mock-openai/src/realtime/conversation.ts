import { countContent } from '../tokens/count-prompt.ts';
import { countTokens } from '../tokens/count-tokens.ts';
import type { Encoding } from '../tokens/encoding-of.ts';
import type { Dialect } from './dialect.ts';

/** Any object of the protocol. */
export type Fields = Readonly<Record<string, unknown>>;

/** An event to the client, which gets its id when it is sent. */
export type ServerEvent = Fields & { readonly type: string };

/** A message, a call of a function or its output. */
export type Item = Fields & { readonly id: string };

/** A response that is being made. */
export interface ActiveResponse {
  readonly id: string;
  isCancelled: boolean;
}

/** A session, its conversation, and its present activity. */
export interface Conversation {
  readonly dialect: Dialect;
  readonly id: string;
  readonly mockName: string;
  /** How long a reply is when nothing else is asked for. */
  readonly completionTokens: number;
  readonly encoding: Encoding;
  session: Fields;
  items: readonly Item[];
  /** The bytes of audio in the items that have any, by the item's id. */
  readonly audioOfItems: Map<string, number>;
  /** The audio that was appended but not committed. */
  audioBytes: number;
  response: ActiveResponse | undefined;
}

/** The bytes of a second of audio: 24,000 samples of 16 bits. */
export const bytesPerSecond: number = 48_000;

// OpenAI counts a token for each 100 ms of the user's speech.
const bytesPerToken = bytesPerSecond / 10;

/** Counts the input of a response: the instructions and the whole conversation. */
export function countConversation({ session, items, audioOfItems, encoding }: Conversation): {
  readonly textTokens: number;
  readonly audioTokens: number;
} {
  const { instructions } = session;
  let textTokens = typeof instructions === 'string' ? countTokens(instructions, encoding) : 0;
  let audioTokens = 0;
  for (const { id, content, arguments: call, output } of items) {
    textTokens += countContent(content, encoding);
    if (typeof call === 'string') textTokens += countTokens(call, encoding);
    if (typeof output === 'string') textTokens += countTokens(output, encoding);
    audioTokens += Math.ceil((audioOfItems.get(id) ?? 0) / bytesPerToken);
  }
  return { textTokens, audioTokens };
}

/** The bytes of audio in an item's content, which is base64. */
export function audioBytesOf(content: unknown): number {
  if (!Array.isArray(content)) return 0;
  let bytes = 0;
  for (const part of content as readonly unknown[]) {
    if (isFields(part) && typeof part['audio'] === 'string') bytes += decodedLength(part['audio']);
  }
  return bytes;
}

/** The length in bytes of the data that a base64 text encodes. */
export function decodedLength(base64: string): number {
  return Buffer.byteLength(base64, 'base64');
}

/** Whether a value is an object with fields. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

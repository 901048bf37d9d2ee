import type { ByteRange } from '../body/byte-range.ts';
import { JsonCursor } from '../body/json-cursor.ts';
import { countPrompt } from './count-prompt.ts';

/** Tools are no prose, and nearly always ASCII: a model takes about a token for four bytes of their JSON. */
const TOOL_BYTES_PER_TOKEN = 4;

const NOWHERE: ByteRange = { start: 0, end: 0 };

/** What a request's body says of its prompt and of the answer that it allows. */
export class PromptScan {
  readonly body: Buffer;
  /** What the prompt, its instructions and tools are estimated to have. */
  tokens = 0;
  maxTokens: number | undefined;
  maxCompletionTokens: number | undefined;
  bestOf: number | undefined;
  /** Where values stand in the body; empty if they are not there. */
  tools = NOWHERE;
  instructions = NOWHERE;
  prompt = NOWHERE;
  cacheKey = NOWHERE;

  constructor(body: Buffer) {
    this.body = body;
  }

  /** Passes the value of the key that was passed last, and notes what it says. */
  readValue(cursor: JsonCursor, promptKey: string): void {
    if (cursor.isWritten(promptKey)) this.prompt = this.#countTexts(cursor);
    else if (cursor.isWritten('instructions')) this.instructions = this.#countTexts(cursor);
    else if (cursor.isWritten('tools') || cursor.isWritten('functions'))
      this.tools = this.#countTools(cursor);
    else if (cursor.isWritten('max_tokens')) this.maxTokens = cursor.passNumber();
    else if (cursor.isWritten('max_output_tokens')) this.maxTokens = cursor.passNumber();
    else if (cursor.isWritten('max_completion_tokens')) this.maxCompletionTokens = cursor.passNumber();
    else if (cursor.isWritten('best_of')) this.bestOf = cursor.passNumber();
    else if (cursor.isWritten('prompt_cache_key')) this.cacheKey = passString(cursor);
    else cursor.passValue();
  }

  #countTexts(cursor: JsonCursor): ByteRange {
    const start = cursor.at;
    this.tokens += countPrompt(cursor);
    return { start, end: cursor.at };
  }

  #countTools(cursor: JsonCursor): ByteRange {
    const start = cursor.at;
    cursor.passValue();
    this.tokens += Math.floor((cursor.at - start) / TOOL_BYTES_PER_TOKEN);
    return { start, end: cursor.at };
  }
}

/**
 * Reads a request's body in one walk, up to its end or to where it is broken. Answers `undefined` if it is no JSON object.
 *
 * @param promptKey the key of its prompt
 */
export function scanPrompt(body: Buffer, promptKey: string): PromptScan | undefined {
  const cursor = new JsonCursor(body);
  if (!cursor.passOpenBrace()) return undefined;
  const scan = new PromptScan(body);
  while (cursor.passKey()) scan.readValue(cursor, promptKey);
  return scan;
}

/** Passes a value of any kind, and answers where it stands if it is a string. */
function passString(cursor: JsonCursor): ByteRange {
  const kind = cursor.passLeaf();
  if (kind === undefined) cursor.passValue();
  return kind === 'string' ? { start: cursor.start, end: cursor.end } : NOWHERE;
}

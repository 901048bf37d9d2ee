import type { TokenEstimate } from '@spillway/core';
import type { ByteRange } from '../body/byte-range.ts';
import type { JsonCursor } from '../body/json-cursor.ts';
import { affinityKey } from './affinity-key.ts';
import { countPrompt } from './count-prompt.ts';
import { countPrompts } from './count-prompts.ts';

/** Tools are no prose, and nearly always ASCII: a model takes about a token for four bytes of their JSON. */
const TOOL_BYTES_PER_TOKEN = 4;

/**
 * The longest answer that Azure reckons with where a request names none, according to Microsoft's simulator. A completion's answers
 * really are no longer then.
 */
export const USUAL_OUTPUT_TOKENS = 16;

/** JSON can say 1e999, which is no number to reckon with. */
const MAX_TOKENS = 1_000_000_000;

const NOWHERE: ByteRange = { start: 0, end: 0 };

/** What a request's prompt says about where to send it. */
export interface Prompt {
  /** What the request will be charged when it arrives: its prompt, and the longest answer that it allows. */
  readonly estimate: TokenEstimate;
  /** What all its answers may have together, of which `n` or a list of prompts asks for several: Azure's estimate has one. */
  readonly allowedTokens: number;
  /** Whether nothing says how long its answer may be, so that the estimate has the usual one. */
  readonly isOutputOpen: boolean;
  /** Returns the same number for prompts that a backend may have cached together; absent where nothing is cached. */
  readonly affinityKey: (() => number | undefined) | undefined;
}

/** Makes the reader of an operation's prompts; there is none where nothing is charged by tokens. */
export function createPromptReader(operation: string, body: Buffer): PromptReader | undefined {
  switch (operation) {
    case 'chat/completions':
    case 'extensions/chat/completions':
      return new PromptReader(body, 'messages', true);
    case 'completions':
      return new PromptReader(body, 'prompt', true);
    case 'embeddings':
      return new PromptReader(body, 'input', false);
    case 'responses':
    case 'responses/compact':
      return new PromptReader(body, 'input', true);
    case 'messages':
      return new PromptReader(body, 'messages', true, 'system');
    default:
      return undefined;
  }
}

/** Reads off a body, while somebody walks over it, what it says of its prompt and of the answer that it allows. */
export class PromptReader {
  readonly #body: Buffer;
  readonly #promptKey: string;
  /** Whether a model answers, so that there is output to be charged and a prompt to be cached. */
  readonly #isAnswered: boolean;
  readonly #instructionsKey: string;
  /** What the prompt, its instructions and tools are estimated to have. */
  #tokens = 0;
  #maxTokens: number | undefined;
  #maxCompletionTokens: number | undefined;
  #bestOf: number | undefined;
  #choices: number | undefined;
  /** Where values stand in the body; empty if they are not there. */
  #tools = NOWHERE;
  #instructions = NOWHERE;
  #prompt = NOWHERE;
  #cacheKey = NOWHERE;

  constructor(body: Buffer, promptKey: string, isAnswered: boolean, instructionsKey = 'instructions') {
    this.#body = body;
    this.#promptKey = promptKey;
    this.#isAnswered = isAnswered;
    this.#instructionsKey = instructionsKey;
  }

  /** Passes the value of the key that was passed last, and notes what it says. */
  readValue(cursor: JsonCursor): void {
    if (cursor.isWritten(this.#promptKey)) this.#prompt = this.#countTexts(cursor);
    else if (cursor.isWritten(this.#instructionsKey)) this.#instructions = this.#countTexts(cursor);
    else if (cursor.isWritten('tools') || cursor.isWritten('functions'))
      this.#tools = this.#countTools(cursor);
    else if (cursor.isWritten('max_tokens')) this.#maxTokens = cursor.passNumber();
    else if (cursor.isWritten('max_output_tokens')) this.#maxTokens = cursor.passNumber();
    else if (cursor.isWritten('max_completion_tokens')) this.#maxCompletionTokens = cursor.passNumber();
    else if (cursor.isWritten('best_of')) this.#bestOf = cursor.passNumber();
    else if (cursor.isWritten('n')) this.#choices = cursor.passNumber();
    else if (cursor.isWritten('prompt_cache_key')) this.#cacheKey = passString(cursor);
    else cursor.passValue();
  }

  /** What was read. */
  get prompt(): Prompt {
    const bestOf = Math.max(Math.floor(this.#bestOf ?? 1), 1);
    const answers = Math.max(Math.floor(this.#choices ?? 1), bestOf);
    return {
      estimate: { promptTokens: this.#tokens, outputTokens: this.#outputTokens(bestOf) },
      allowedTokens: this.#isCompletion ? this.#completionTokens(answers) : this.#outputTokens(answers),
      isOutputOpen: this.#isAnswered && !this.#isCompletion && this.#longestAnswer < 1,
      affinityKey: this.#isAnswered ? () => this.#affinityKey() : undefined,
    };
  }

  /** Of `best_of` answers one is sent, but all are charged. */
  #outputTokens(answers: number): number {
    if (!this.#isAnswered) return 0;
    const longest = this.#longestAnswer;
    if (longest < 1) return USUAL_OUTPUT_TOKENS;
    return Math.min(longest * answers, MAX_TOKENS);
  }

  /** Each prompt gets answers of its own, and where none is named, no longer ones than the usual. */
  #completionTokens(answers: number): number {
    const longest = this.#longestAnswer < 1 ? USUAL_OUTPUT_TOKENS : this.#longestAnswer;
    return Math.min(longest * answers * countPrompts(this.#body, this.#prompt.start), MAX_TOKENS);
  }

  get #isCompletion(): boolean {
    return this.#promptKey === 'prompt';
  }

  /** Less than 1 if none is named. */
  get #longestAnswer(): number {
    return Math.floor(this.#maxCompletionTokens ?? this.#maxTokens ?? 0);
  }

  #affinityKey(): number | undefined {
    return affinityKey(this.#body, [this.#tools, this.#instructions, this.#prompt], this.#cacheKey);
  }

  #countTexts(cursor: JsonCursor): ByteRange {
    const start = cursor.at;
    this.#tokens += countPrompt(cursor);
    return { start, end: cursor.at };
  }

  #countTools(cursor: JsonCursor): ByteRange {
    const start = cursor.at;
    cursor.passValue();
    this.#tokens += Math.floor((cursor.at - start) / TOOL_BYTES_PER_TOKEN);
    return { start, end: cursor.at };
  }
}

/** Passes a value of any kind, and returns where it stands if it is a string. */
function passString(cursor: JsonCursor): ByteRange {
  const kind = cursor.passLeaf();
  if (kind === undefined) cursor.passValue();
  return kind === 'string' ? { start: cursor.start, end: cursor.end } : NOWHERE;
}

import type { TokenEstimate } from '@spillway/core';
import type { ByteRange } from '../body/byte-range.ts';
import type { JsonCursor } from '../body/json-cursor.ts';
import { affinityKey } from './affinity-key.ts';
import { countPrompt } from './count-prompt.ts';
import { countPrompts } from './count-prompts.ts';

/**
 * Tool definitions are no prose, and nearly always ASCII: a model needs about one token for four bytes of their JSON.
 */
const TOOL_BYTES_PER_TOKEN = 4;

/**
 * The longest answer that Azure assumes when a request sets no limit, according to Microsoft's simulator. A
 * completion's answers are in fact no longer then.
 */
export const USUAL_OUTPUT_TOKENS = 16;

/** JSON may contain 1e999, which is useless for calculation. */
const MAX_TOKENS = 1_000_000_000;

/** The relevant keys, besides those of the prompt, by their length: no two have the same. */
const NAMES: string[] = [];
for (const name of 'tools functions max_tokens max_output_tokens max_completion_tokens best_of n prompt_cache_key'.split(
  ' ',
))
  NAMES[name.length] = name;

const NOWHERE: ByteRange = { start: 0, end: 0 };

/** The facts in a request's prompt that matter to routing. */
export interface Prompt {
  /** The charge for the request on arrival: its prompt, and the longest answer that it allows. */
  readonly estimate: TokenEstimate;
  /**
   * The limit on all its answers together, as `n` or a list of prompts may ask for several: Azure's estimate has one.
   */
  readonly allowedTokens: number;
  /** Whether nothing limits its answer, so that the estimate uses the default limit. */
  readonly isOutputOpen: boolean;
  /** Returns the same number for prompts that a backend may have cached together; absent where nothing is cached. */
  readonly affinityKey: (() => number | undefined) | undefined;
}

/** Creates the reader of an operation's prompts; undefined where nothing is charged by tokens. */
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

/** Reads the prompt and the allowed answer from a body while a cursor walks over it. */
export class PromptReader {
  readonly #body: Buffer;
  readonly #promptKey: string;
  /** Whether a model generates an answer, so that output is charged and a prompt may be cached. */
  readonly #isAnswered: boolean;
  readonly #instructionsKey: string;
  /** The estimated tokens of the prompt, its instructions and tools. */
  #tokens = 0;
  #maxTokens: number | undefined;
  #maxCompletionTokens: number | undefined;
  #bestOf: number | undefined;
  #choices: number | undefined;
  /** The ranges of values in the body; empty if absent. */
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

  /** Passes the value of the last key, and evaluates it. */
  readValue(cursor: JsonCursor): void {
    if (cursor.isWritten(this.#promptKey)) this.#prompt = this.#countTexts(cursor);
    else if (cursor.isWritten(this.#instructionsKey)) this.#instructions = this.#countTexts(cursor);
    else this.#readField(cursor, plainNameOf(cursor) ?? cursor.unescaped);
  }

  #readField(cursor: JsonCursor, name: string | undefined): void {
    if (name === undefined) cursor.passValue();
    else if (name === 'tools' || name === 'functions') this.#tools = this.#countTools(cursor);
    else if (name === 'max_tokens' || name === 'max_output_tokens') this.#maxTokens = cursor.passNumber();
    else if (name === 'max_completion_tokens') this.#maxCompletionTokens = cursor.passNumber();
    else if (name === 'best_of') this.#bestOf = cursor.passNumber();
    else if (name === 'n') this.#choices = cursor.passNumber();
    else if (name === 'prompt_cache_key') this.#cacheKey = passString(cursor);
    // The key had escapes.
    else if (name === this.#promptKey) this.#prompt = this.#countTexts(cursor);
    else if (name === this.#instructionsKey) this.#instructions = this.#countTexts(cursor);
    else cursor.passValue();
  }

  /** The result of the reading. */
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

  /** Only one of `best_of` answers is sent, but all are charged. */
  #outputTokens(answers: number): number {
    if (!this.#isAnswered) return 0;
    const longest = this.#longestAnswer;
    if (longest < 1) return USUAL_OUTPUT_TOKENS;
    return Math.min(longest * answers, MAX_TOKENS);
  }

  /** Each prompt gets its own answers; without a limit, they are no longer than the default. */
  #completionTokens(answers: number): number {
    const longest = this.#longestAnswer < 1 ? USUAL_OUTPUT_TOKENS : this.#longestAnswer;
    return Math.min(longest * answers * countPrompts(this.#body, this.#prompt.start), MAX_TOKENS);
  }

  get #isCompletion(): boolean {
    return this.#promptKey === 'prompt';
  }

  /** Below 1 if there is no limit. */
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

function plainNameOf(cursor: JsonCursor): string | undefined {
  const name = NAMES[cursor.end - cursor.start];
  return name !== undefined && cursor.isWritten(name) ? name : undefined;
}

/** Passes a value of any kind, and returns its range if it is a string. */
function passString(cursor: JsonCursor): ByteRange {
  const kind = cursor.passLeaf();
  if (kind === undefined) cursor.passValue();
  return kind === 'string' ? { start: cursor.start, end: cursor.end } : NOWHERE;
}

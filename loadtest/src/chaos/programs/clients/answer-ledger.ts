import { Chance } from '../../chance.ts';

/** The usage that an answer reports. */
export interface ToldUsage {
  readonly promptTokens: number;
  readonly outputTokens: number;
}

/** An answer that a backend has begun. */
export interface LedgerAnswer extends ToldUsage {
  /** Part of the answer, so that its receiver can be asked for its usage. */
  readonly id: string;
  readonly client: string;
  /** Whether its usage has been sent. */
  isTold: boolean;
}

/** Matches the id of an answer in its text. */
const ANSWER_ID = /ans-\d+/;

/** No answer has a longer output. */
export const MAX_OUTPUT_TOKENS = 90;

/** All backends' answers, by their own count. */
export class AnswerLedger {
  readonly #answers = new Map<string, LedgerAnswer>();
  readonly #chance: Chance;

  constructor(seed: number) {
    this.#chance = new Chance('usage', seed);
  }

  /** Begins an answer with a randomly drawn usage. */
  begin(client: string, hasOutput: boolean): LedgerAnswer {
    const answer: LedgerAnswer = {
      id: `ans-${this.#answers.size + 1}`,
      client,
      promptTokens: this.#chance.between(1, 400),
      outputTokens: hasOutput ? this.#chance.between(1, MAX_OUTPUT_TOKENS) : 0,
      isTold: false,
    };
    this.#answers.set(answer.id, answer);
    return answer;
  }

  /** Finds the answer that a text belongs to. */
  find(text: string): LedgerAnswer | undefined {
    return this.#answers.get(ANSWER_ID.exec(text)?.[0] ?? '');
  }

  /** Returns all tokens of a client's answers whose usage was sent, whether they arrived or not. */
  toldTo(client: string): number {
    return [...this.#answers.values()]
      .filter((answer) => answer.client === client && answer.isTold)
      .reduce((sum, answer) => sum + tokensOf(answer), 0);
  }
}

/** Returns all tokens of an answer. */
export function tokensOf({ promptTokens, outputTokens }: ToldUsage): number {
  return promptTokens + outputTokens;
}

import { Chance } from '../../chance.ts';

/** What an answer says that it has taken. */
export interface ToldUsage {
  readonly promptTokens: number;
  readonly outputTokens: number;
}

/** An answer that a backend has begun. */
export interface LedgerAnswer extends ToldUsage {
  /** Stands in the answer, so that whoever gets it can be asked what it took. */
  readonly id: string;
  readonly client: string;
  /** Whether its usage has been sent. */
  isTold: boolean;
}

/** Matches the id of an answer in its text. */
const ANSWER_ID = /ans-\d+/;

/** What all backends have answered, by their own count. */
export class AnswerLedger {
  readonly #answers = new Map<string, LedgerAnswer>();
  readonly #chance: Chance;

  constructor(seed: number) {
    this.#chance = new Chance('usage', seed);
  }

  /** Begins an answer, whose usage is drawn. */
  begin(client: string, hasOutput: boolean): LedgerAnswer {
    const answer: LedgerAnswer = {
      id: `ans-${this.#answers.size + 1}`,
      client,
      promptTokens: this.#chance.between(1, 400),
      outputTokens: hasOutput ? this.#chance.between(1, 90) : 0,
      isTold: false,
    };
    this.#answers.set(answer.id, answer);
    return answer;
  }

  /** Finds the answer that a text is of. */
  find(text: string): LedgerAnswer | undefined {
    return this.#answers.get(ANSWER_ID.exec(text)?.[0] ?? '');
  }

  /** Returns all tokens of a client's answers whose usage was sent, whether they came through or not. */
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

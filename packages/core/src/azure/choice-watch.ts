import type { StreamEvent } from '../attempt.ts';
import { isJsonObject, parseJsonObject } from './json-object.ts';
import { hasFinished } from './stream-opening.ts';

/** Tracks which of several choices of a completion have ended. */
export class ChoiceWatch {
  readonly #begun = new Set<unknown>();
  readonly #ended = new Set<unknown>();

  note({ data }: StreamEvent): void {
    const choices = parseJsonObject(data)?.['choices'];
    if (!Array.isArray(choices)) return;
    for (const choice of choices.filter(isJsonObject)) {
      const { index } = choice;
      if (index === undefined) continue;
      this.#begun.add(index);
      if (hasFinished(choice)) this.#ended.add(index);
    }
  }

  /** Whether a choice lacks its `finish_reason`; undefined while there has been only one choice. */
  get hasOpenChoice(): boolean | undefined {
    if (this.#begun.size < 2) return undefined;
    return [...this.#begun].some((index) => !this.#ended.has(index));
  }
}

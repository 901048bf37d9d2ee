import { parseJson } from '../body/parse-json.ts';
import type { AnswerUsage } from '../telemetry/exchange.ts';
import { addUsage, largerUsage } from './combine-usage.ts';
import { usageOfEvent, usageOfTools } from './read-usage.ts';

/**
 * Called for each usage: in tokens, or in seconds of audio where there are none.
 *
 * @param depth of the object that reports it: 1 for an answer or an event, 2 for the subject of an event
 */
export type OnUsage = (usage: AnswerUsage | undefined, seconds: number, depth: number) => void;

/** Collects the usage that the members of one object report, and passes it on when the object ends. */
export class ToldUsage {
  /** The depth of the object; 0 while nothing is reported. */
  depth = 0;
  readonly #onUsage: OnUsage;
  #usage: AnswerUsage | undefined;
  #ofTools: AnswerUsage | undefined;

  constructor(onUsage: OnUsage) {
    this.#onUsage = onUsage;
  }

  /**
   * Reads a member. The usage of tools may come before or after the rest, and is added to it.
   *
   * @param depth of the object with this member
   */
  read(key: string | undefined, text: string, depth: number): void {
    const json = parseJson(text) as Readonly<Record<string, unknown>> | undefined;
    if (key === 'tool_usage') {
      this.#ofTools = usageOfTools(json);
      this.depth = depth;
      return;
    }
    const usage = usageOfEvent(json);
    const seconds = json?.['seconds'];
    if (usage !== undefined) {
      this.#usage = this.#usage === undefined ? usage : largerUsage(this.#usage, usage);
      this.depth = depth;
    } else if (typeof seconds === 'number') this.#onUsage(undefined, seconds, depth);
  }

  /** Ends the object, and passes its usage on. */
  end(): void {
    const [usage, ofTools, depth] = [this.#usage, this.#ofTools, this.depth];
    this.depth = 0;
    this.#usage = undefined;
    this.#ofTools = undefined;
    const all = usage !== undefined && ofTools !== undefined ? addUsage(usage, ofTools) : (usage ?? ofTools);
    if (all !== undefined) this.#onUsage(all, 0, depth);
  }
}

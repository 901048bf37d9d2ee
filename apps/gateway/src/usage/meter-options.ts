import type { AnswerUsage } from '../telemetry/exchange.ts';
import type { PendingUsage } from './pending-usage.ts';
import type { UsageRefusals } from './usage-refusals.ts';

/** @param isOfAnswer whether it is that of an answer, and not of a transcription besides */
export type OnSessionUsage = (usage: AnswerUsage, isOfAnswer: boolean) => void;

/** The context of a request's metering. */
export interface MeterOptions {
  /** The client's name, where clients are told apart. */
  readonly client: string | undefined;
  /** The usages of clients' objects that are still to be reported. */
  readonly pending: PendingUsage;
  /** Deployments whose streams cannot be asked for their usage. */
  readonly refusals: UsageRefusals;
  /** Called for each usage in a session when it is reported, so that it is charged while the session runs. */
  readonly onUsage?: OnSessionUsage | undefined;
  /**
   * Called for each answer in a message session that ends without a usage: with its output in tokens, if it had begun.
   */
  readonly onUntold?: ((outputTokens: number | undefined) => void) | undefined;
}

import type { Cut } from '../exchange/send-answer.ts';
import type { Step } from '../script/step.ts';

/** The course of a session that a step allows. */
export interface SessionFate {
  /** The delay before the upgrade is accepted. */
  readonly delayMs: number;
  /** The pause after each piece of a reply, where the step sets it. */
  readonly pieceDelayMs?: number | undefined;
  /** Where the session is ended; its chunks are the sent frames. */
  readonly cut?: Cut | undefined;
}

const cutAfterFrames = 2;
const usualPieceDelayMs = 100;

/** Returns a step's course for a session; undefined when the step answers the upgrade itself. */
export function sessionFate(step: Step): SessionFate | undefined {
  switch (step.kind) {
    case 'throttle':
    case 'status':
    case 'redirect':
    case 'refuse':
    case 'garbage':
      return undefined;
    case 'slow':
      return { delayMs: step.delayMs ?? 0, pieceDelayMs: step.chunkDelayMs ?? usualPieceDelayMs };
    case 'truncate': {
      const ending = step.isAbrupt === true ? 'close' : 'clean';
      return { delayMs: step.delayMs ?? 0, cut: { afterChunks: step.afterChunks ?? cutAfterFrames, ending } };
    }
    case 'reset':
    case 'hang': {
      const { delayMs = 0, afterChunks, afterBytes } = step;
      if (afterChunks === undefined && afterBytes === undefined) return undefined;
      return { delayMs, cut: { afterChunks, afterBytes, ending: step.kind === 'reset' ? 'reset' : 'none' } };
    }
    default:
      // The other steps concern the bytes of an HTTP answer, which a session does not have.
      return { delayMs: 0 };
  }
}

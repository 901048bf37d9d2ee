import type { Resource } from '../answer/resource.ts';
import type { Pace } from './play-events.ts';
import type { SessionFate } from './session-fate.ts';

/** The model's own pace, or the step's: a pause before a response, and one after each of its tokens. */
export function pausesOf(
  { latency }: Resource,
  deployment: () => string,
  { pieceDelayMs }: SessionFate,
): Pace['pauseAfter'] {
  let pace = latency.paceOf(deployment(), () => 0);
  return (type) => {
    if (type === 'response.created') {
      pace = latency.paceOf(deployment(), () => 0);
      return pace?.firstMs ?? 0;
    }
    // With audio, a token is one piece of the transcript and one of the sound.
    if (!type.endsWith('text.delta') && !type.endsWith('audio.delta')) return 0;
    return pieceDelayMs ?? pace?.rhythm?.nextTokenMs() ?? 0;
  };
}

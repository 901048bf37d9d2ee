import type { Script, Step } from './step.ts';

/** How far a script has run: the step it stands at, how often that was used and since when it applies. */
export interface ScriptPosition {
  readonly index: number;
  readonly used: number;
  readonly sinceMs: number;
}

const ok: Step = { kind: 'ok' };

/** Tells where a script begins whose first step applies from `nowMs` on. */
export function scriptStart(nowMs: number): ScriptPosition {
  return { index: 0, used: 0, sinceMs: nowMs };
}

/** Passes over the steps that are used up or past at `nowMs`; a time that follows a time starts when that one ended. */
export function currentPosition(script: Script, position: ScriptPosition, nowMs: number): ScriptPosition {
  let { index, used, sinceMs } = position;
  for (let step = script[index]; step !== undefined; step = script[index]) {
    if (step.times !== undefined) {
      if (used < step.times) break;
    } else if (step.forMs === undefined || nowMs - sinceMs < step.forMs) {
      break;
    } else {
      sinceMs += step.forMs;
    }
    index += 1;
    used = 0;
  }
  return index === position.index ? position : { index, used, sinceMs };
}

/** Answers which step applies to a request that arrives at `nowMs`, and where the script stands after it. */
export function nextStep(
  script: Script,
  position: ScriptPosition,
  nowMs: number,
): { readonly step: Step; readonly position: ScriptPosition } {
  const current = currentPosition(script, position, nowMs);
  const step = script[current.index];
  if (step === undefined) return { step: ok, position: current };
  if (step.times === undefined) return { step, position: current };
  const used = current.used + 1;
  // The step after the last request of a count begins now, not with the request that finds it.
  const sinceMs = used === step.times ? nowMs : current.sinceMs;
  return { step, position: { index: current.index, used, sinceMs } };
}

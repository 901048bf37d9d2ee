import type { Random } from '../random.ts';
import type { Script, ScriptStep, Step } from './step.ts';

/** The progress of a script: its current step, how often that was used and since when it applies. */
export interface ScriptPosition {
  readonly index: number;
  readonly used: number;
  readonly sinceMs: number;
  /** The reached steps with a chance, in their order; expired ones are left out. */
  readonly chances: readonly StepUse[];
}

interface StepUse {
  readonly step: ScriptStep;
  /** The requests for which it had its chance. */
  readonly used: number;
  readonly sinceMs: number;
}

const ok: Step = { kind: 'ok' };
const none: readonly StepUse[] = [];

/** Returns the beginning of a script whose first step applies from `nowMs` on. */
export function scriptStart(nowMs: number): ScriptPosition {
  return { index: 0, used: 0, sinceMs: nowMs, chances: none };
}

/**
 * Passes over the steps that are used up or past at `nowMs`; a timed step after a timed step starts when that one
 * ended.
 */
export function currentPosition(script: Script, position: ScriptPosition, nowMs: number): ScriptPosition {
  let { index, used, sinceMs, chances } = position;
  for (let step = script[index]; step !== undefined; step = script[index]) {
    if (step.chance !== undefined) {
      chances = [...chances, { step, used: 0, sinceMs }];
    } else if (step.times !== undefined) {
      if (used < step.times) break;
    } else if (step.forMs === undefined || nowMs - sinceMs < step.forMs) {
      break;
    } else {
      sinceMs += step.forMs;
    }
    index += 1;
    used = 0;
  }
  return index === position.index ? position : { index, used, sinceMs, chances };
}

/** Returns the step for a request that arrives at `nowMs`, and the script's progress after it. */
export function nextStep(
  script: Script,
  position: ScriptPosition,
  nowMs: number,
  random: Random,
): { readonly step: Step; readonly position: ScriptPosition } {
  const current = currentPosition(script, position, nowMs);
  if (current.chances.length === 0) return takeStep(script, current, nowMs);

  const drawn = draw(current.chances, nowMs, random);
  const rest = { ...current, chances: drawn.chances };
  return drawn.step === undefined ? takeStep(script, rest, nowMs) : { step: drawn.step, position: rest };
}

function takeStep(
  script: Script,
  current: ScriptPosition,
  nowMs: number,
): { readonly step: Step; readonly position: ScriptPosition } {
  const step = script[current.index];
  if (step === undefined) return { step: ok, position: current };
  if (step.times === undefined) return { step, position: current };
  const used = current.used + 1;
  // The step after the last request of a count begins now, not with the next request.
  const sinceMs = used === step.times ? nowMs : current.sinceMs;
  return { step, position: { ...current, used, sinceMs } };
}

/** Gives each chance its turn until one hits; later ones get no turn for this request. */
function draw(
  chances: readonly StepUse[],
  nowMs: number,
  random: Random,
): { readonly step: Step | undefined; readonly chances: readonly StepUse[] } {
  const left: StepUse[] = [];
  let hit: Step | undefined;
  for (const use of chances) {
    const { times = Infinity, forMs = Infinity, chance = 0 } = use.step;
    if (use.used >= times || nowMs - use.sinceMs >= forMs) continue;
    if (hit !== undefined) {
      left.push(use);
      continue;
    }
    left.push({ ...use, used: use.used + 1 });
    if (random() < chance) hit = use.step;
  }
  return { step: hit, chances: left };
}

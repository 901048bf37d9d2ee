import { currentPosition, nextStep, scriptStart } from './next-step.ts';
import type { ScriptPosition } from './next-step.ts';
import type { Script, Step } from './step.ts';

/** A script and how far it has run. */
export class RunningScript {
  #script: Script;
  #position: ScriptPosition;

  constructor(script: Script, nowMs: number) {
    this.#script = script;
    this.#position = scriptStart(nowMs);
  }

  get steps(): Script {
    return this.#script;
  }

  /** Starts another script; the first step's time runs from now. */
  start(script: Script, nowMs: number): void {
    this.#script = script;
    this.#position = scriptStart(nowMs);
  }

  /** Takes the step for a request that has come now. */
  take(nowMs: number): Step {
    const next = nextStep(this.#script, this.#position, nowMs);
    this.#position = next.position;
    return next.step;
  }

  /** Answers the index of the step that applies now; the script's length when it is used up. */
  currentIndex(nowMs: number): number {
    return currentPosition(this.#script, this.#position, nowMs).index;
  }
}

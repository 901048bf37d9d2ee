import { seeded } from '../random.ts';
import { currentPosition, nextStep, scriptStart } from './next-step.ts';
import type { Random } from '../random.ts';
import type { ScriptPosition } from './next-step.ts';
import type { Script, ScriptStep, Step } from './step.ts';

/** A script and its progress. */
export class RunningScript {
  readonly #seed: number;
  #script: Script;
  #position: ScriptPosition;
  #random: Random;
  #refuses: boolean;
  #moved: () => void = () => {};

  /** Its chances are drawn from the seed, anew whenever a script starts. */
  constructor(script: Script, nowMs: number, seed: number) {
    this.#seed = seed;
    this.#script = script;
    this.#position = scriptStart(nowMs);
    this.#random = seeded(seed);
    this.#refuses = refuses(script);
  }

  get steps(): Script {
    return this.#script;
  }

  /** Whether the script has a step that refuses connections. */
  get refuses(): boolean {
    return this.#refuses;
  }

  /** Calls back whenever a script starts, and after each request while the script has a step that refuses. */
  onMove(moved: () => void): void {
    this.#moved = moved;
    moved();
  }

  /** Starts another script; the first step's time runs from now. */
  start(script: Script, nowMs: number): void {
    this.#script = script;
    this.#position = scriptStart(nowMs);
    this.#random = seeded(this.#seed);
    this.#refuses = refuses(script);
    this.#moved();
  }

  /** Takes the step for a request that has just come. */
  take(nowMs: number): Step {
    const next = nextStep(this.#script, this.#position, nowMs, this.#random);
    this.#position = next.position;
    if (this.#refuses) this.#moved();
    return next.step;
  }

  /** Returns the index of the step that applies now; the script's length when it is used up. */
  currentIndex(nowMs: number): number {
    return currentPosition(this.#script, this.#position, nowMs).index;
  }

  /** Returns the step that applies now, none when the script is used up, and its remaining time. */
  current(nowMs: number): { readonly step: ScriptStep | undefined; readonly leftMs: number } {
    const { index, sinceMs } = currentPosition(this.#script, this.#position, nowMs);
    const step = this.#script[index];
    return { step, leftMs: sinceMs + (step?.forMs ?? Infinity) - nowMs };
  }
}

function refuses(script: Script): boolean {
  return script.some((step) => step.kind === 'refuse');
}

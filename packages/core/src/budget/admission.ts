import { isCountable, type Usage } from '../quota/charge.ts';
import type { Need } from './admission-request.ts';
import type { BudgetCharge } from './budget-account.ts';

type Spent = Pick<Usage, 'promptTokens' | 'outputTokens'>;

/** How an admitted request ended, as far as its client's budgets are concerned. */
export type Ending =
  /** Its answer reports the tokens it took. Says whether these are only part of what another request takes. */
  | { readonly kind: 'told'; readonly usage: Spent; readonly isPart?: boolean | undefined }
  /**
   * It was served, wholly or until it was broken off, and nothing reports the tokens it took: the prompt, and an
   * estimate of what was relayed. Without an estimate, the charge stays.
   */
  | { readonly kind: 'untold'; readonly outputTokens?: number | undefined }
  /** Nothing was served: it was refused, or failed before it had an answer. Says whether any backend received it. */
  | { readonly kind: 'unserved'; readonly hasReached: boolean };

/** Handles what is learned from an admission's end. */
export interface AdmissionOwner {
  noteSettled(need: Need, outputTokens: number | undefined): void;
}

/** A request that its client's budgets have admitted, with its charges. */
export class Admission {
  readonly kind = 'admitted';
  /** Undefined once it is settled. */
  #charges: readonly BudgetCharge[] | undefined;
  /** The charges settled without a report of the tokens taken. */
  #untold: readonly BudgetCharge[] | undefined;
  readonly #need: Need;
  readonly #owner: AdmissionOwner;

  constructor(charges: readonly BudgetCharge[] | undefined, need: Need, owner: AdmissionOwner) {
    this.#charges = charges;
    this.#need = need;
    this.#owner = owner;
  }

  /** Corrects the charges, where they were made, to the tokens that the request took. Calling it again does nothing. */
  settle(ending: Ending): void {
    const charges = this.#charges;
    if (charges === undefined) return;
    this.#charges = undefined;
    const told = ending.kind === 'told' && isUsage(ending.usage) ? ending.usage : undefined;
    const toldTokens = told === undefined ? undefined : told.promptTokens + told.outputTokens;
    const settled = charges.map((charge) => settleCharge(charge, this.#need, ending, toldTokens));
    this.#untold = told === undefined ? settled : undefined;
    this.#owner.noteSettled(this.#need, told?.outputTokens);
  }

  /** A later answer reports the tokens after all: corrects, once, a settlement made without that report. */
  correct(usage: Spent): void {
    const charges = this.#untold;
    if (charges === undefined || !isUsage(usage)) return;
    this.#untold = undefined;
    const told = usage.promptTokens + usage.outputTokens;
    for (const charge of charges) resettle(charge, () => told);
  }

  /** Raises the charges to at least this much output, which was relayed before any usage is reported. */
  raise(outputTokens: number): void {
    const least = this.#need.textTokens + outputTokens;
    this.#untold = this.#untold?.map((charge) => resettle(charge, (tokens) => Math.max(tokens, least)));
  }
}

/** Changes the settled amounts of a charge. Returns the changed charge. */
function resettle(charge: BudgetCharge, change: (tokens: number) => number): BudgetCharge {
  const tokens = change(charge.tokens);
  const dayTokens = change(charge.dayTokens);
  const monthTokens = change(charge.monthTokens);
  charge.account.tokens.correct(charge.tokenSlot, tokens - charge.tokens);
  charge.day.settle(0, dayTokens - charge.dayTokens);
  charge.month.settle(0, monthTokens - charge.monthTokens);
  return { ...charge, tokens, dayTokens, monthTokens };
}

/** Returns the present charge, where nothing has reported the real one. */
function settleCharge(
  charge: BudgetCharge,
  need: Need,
  ending: Ending,
  told: number | undefined,
): BudgetCharge {
  const { account, tokenSlot, requestSlot, day, month } = charge;
  const tokens = told ?? minuteTokens(ending, need, charge.tokens);
  const dayTokens = told ?? calendarTokens(ending, need, account.day.value);
  const monthTokens = told ?? calendarTokens(ending, need, account.month.value);
  account.inFlight--;
  account.tokens.correct(tokenSlot, tokens - charge.tokens);
  if (isNoRequest(ending)) account.requests.correct(requestSlot, -1);
  day.settle(charge.dayTokens, dayTokens);
  month.settle(charge.monthTokens, monthTokens);
  return told === undefined ? { ...charge, tokens, dayTokens, monthTokens } : charge;
}

function isNoRequest(ending: Ending): boolean {
  return ending.kind === 'told' ? ending.isPart === true : ending.kind === 'unserved' && !ending.hasReached;
}

/** Returns how much of a minute's charge counts when nothing reports the tokens taken. */
function minuteTokens(ending: Ending, { promptTokens }: Need, charged: number): number {
  if (ending.kind === 'unserved') return 0;
  const outputTokens = ending.kind === 'untold' ? ending.outputTokens : undefined;
  // An estimate beyond the whole limit was not charged in full, and is not now.
  return outputTokens === undefined ? charged : Math.min(promptTokens, charged) + outputTokens;
}

/** Returns how much counts in a day or a month when nothing reports the tokens taken. */
function calendarTokens(ending: Ending, need: Need, limit = Number.POSITIVE_INFINITY): number {
  if (ending.kind === 'unserved') return 0;
  const outputTokens = ending.kind === 'untold' ? ending.outputTokens : undefined;
  // An estimate beyond the whole limit is not believed: one such request would use up the whole month.
  const promptTokens = need.promptTokens > limit ? need.textTokens : need.promptTokens;
  return promptTokens + (outputTokens ?? need.answerTokens);
}

function isUsage({ promptTokens, outputTokens }: Spent): boolean {
  return isCountable(promptTokens) && isCountable(outputTokens);
}

import { deploymentKey } from '../backend.ts';
import { Admission, type AdmissionOwner } from './admission.ts';
import { type AdmissionRequest, type Need, needOf } from './admission-request.ts';
import { type Budget, coverOf, mergeBudgets } from './budget.ts';
import { BudgetAccount, type BudgetState } from './budget-account.ts';
import { type BudgetRefusal, bindingOf } from './budget-refusal.ts';
import { type BudgetRemaining, type BudgetReport, remainingOf, reportOf } from './budget-report.ts';
import { DeploymentAliases, type NamingBackend } from './deployment-aliases.ts';
import type { TokenEstimate } from '../routing-request.ts';
import { UsualOutput } from './usual-output.ts';

/** A client's spending in the calendar, as plain JSON. */
export interface BudgetsState {
  readonly budgets: readonly BudgetState[];
}

/** Budgets that are no longer configured are remembered, as they may come back, up to this number. */
const MAX_RETIRED = 100;

const NO_NEED: Need = needOf({ deployment: '' }, 0);
/** For deployments that no budget covers. */
const UNCHARGED = new Admission(undefined, NO_NEED, { noteSettled: () => {} });

/**
 * The limits and the spending of one client. A request must fit every budget that covers its deployment; otherwise none
 * is charged.
 */
export class ClientBudgets {
  /** By cover, including former budgets. */
  readonly #known = new Map<string, BudgetAccount>();
  #active: readonly BudgetAccount[] = [];
  /**
   * The budgets of each deployment that some budget or backend names, by its lower-case name, as backends ignore case.
   * Any other deployment has the budgets that cover all, or those of the deployment that any name stands for.
   */
  #ofDeployment: ReadonlyMap<string, readonly BudgetAccount[]> = new Map();
  #ofOthers: readonly BudgetAccount[] = [];
  readonly #usual = new UsualOutput();
  #outstanding = 0;
  readonly #owner: AdmissionOwner = {
    noteSettled: (need, outputTokens) => this.#noteSettled(need, outputTokens),
  };

  /** @param backends which may use other names for deployments than clients do */
  constructor(budgets: readonly Budget[], backends: readonly NamingBackend[] = []) {
    this.update(budgets, backends);
  }

  /** How many admitted requests are not settled yet. */
  get outstanding(): number {
    return this.#outstanding;
  }

  /** The most tokens that an answer for this client may be expected to have. */
  get usualOutputTokens(): number {
    return this.#usual.tokens;
  }

  /**
   * Replaces the limits. Spending stays with the budgets that cover the same deployments, and with those that come
   * back; requests under way are settled where they were charged.
   */
  update(budgets: readonly Budget[], backends: readonly NamingBackend[] = []): void {
    const aliases = new DeploymentAliases(backends);
    const merged = mergeBudgets(budgets);
    this.#active = [...merged].map(([cover, budget]) => {
      const account = this.#accountOf(cover, budget.deployments);
      account.configure(budget);
      return account;
    });
    const named = [...merged.values()].flatMap(({ deployments = [] }) => deployments);
    this.#ofOthers = this.#covering(aliases.of(''));
    this.#ofDeployment = new Map(
      [...named, ...aliases.named].map((name) => [deploymentKey(name), this.#covering(aliases.of(name))]),
    );
    this.#forgetRetired(merged);
  }

  /**
   * Charges every budget that covers the deployment, or none.
   *
   * @param nowMs on a clock that never goes back, for limits of a minute
   * @param wallMs epoch ms, for limits of a day and a month
   */
  admit(request: AdmissionRequest, nowMs: number, wallMs: number): Admission | BudgetRefusal {
    const accounts = this.#accountsFor(request.deployment);
    if (accounts.length === 0) return UNCHARGED;
    const need = needOf(request, this.#usual.tokens);
    for (const account of accounts) {
      if (account.hasRoomFor(need, nowMs, wallMs)) continue;
      const refusal = refusalOf(accounts, need, nowMs, wallMs);
      if (refusal !== undefined) return refusal;
    }
    return this.#charge(accounts, need, nowMs, wallMs);
  }

  /**
   * Charges tokens taken without admission: those a session still reports when its budget is spent, or that it takes
   * besides its answers.
   *
   * @param isPart whether they are part of a request that is counted already
   */
  charge(deployment: string, usage: TokenEstimate, nowMs: number, wallMs: number, isPart = false): void {
    const need = needOf({ deployment, estimate: usage }, usage.outputTokens);
    this.#charge(this.#accountsFor(deployment), need, nowMs, wallMs).settle({ kind: 'told', usage, isPart });
  }

  /** Returns the remainder of the limits per minute for a deployment, for the headers of an answer. */
  remaining(deployment: string, nowMs: number): BudgetRemaining {
    return remainingOf(this.#accountsFor(deployment), nowMs);
  }

  /** Returns the state of each budget, for operators. */
  report(nowMs: number, wallMs: number): readonly BudgetReport[] {
    return this.#active.map((account) => reportOf(account, nowMs, wallMs));
  }

  /** Returns the calendar's counts, so that they survive a restart; requests under way count with their estimate. */
  state(): BudgetsState {
    const states = [...this.#known.values()].map(({ state }) => state);
    return { budgets: states.filter(({ day, month }) => day !== undefined || month !== undefined) };
  }

  /** Restores the counts of before a restart. It never lowers a known count, so doing it twice changes nothing. */
  restore({ budgets }: BudgetsState): void {
    for (const { deployments, day, month } of budgets) {
      const account = this.#accountOf(coverOf(deployments ?? undefined), deployments ?? undefined);
      if (day !== undefined) account.day.restore(day);
      if (month !== undefined) account.month.restore(month);
    }
  }

  #charge(accounts: readonly BudgetAccount[], need: Need, nowMs: number, wallMs: number): Admission {
    this.#outstanding++;
    const charges = accounts.map((account) => account.charge(need, nowMs, wallMs));
    return new Admission(charges, need, this.#owner);
  }

  #accountsFor(deployment: string): readonly BudgetAccount[] {
    const found = this.#ofDeployment.get(deployment) ?? this.#ofDeployment.get(deploymentKey(deployment));
    return found ?? this.#ofOthers;
  }

  #covering(names: readonly string[]): readonly BudgetAccount[] {
    const covered = new Set(names.map(deploymentKey));
    return this.#active.filter(
      ({ deployments }) => deployments?.some((name) => covered.has(deploymentKey(name))) ?? true,
    );
  }

  #accountOf(cover: string, deployments: readonly string[] | undefined): BudgetAccount {
    const known = this.#known.get(cover);
    if (known !== undefined) return known;
    const account = new BudgetAccount(deployments);
    this.#known.set(cover, account);
    return account;
  }

  /** The oldest go first. */
  #forgetRetired(active: ReadonlyMap<string, Budget>): void {
    const retired = [...this.#known.keys()].filter((cover) => !active.has(cover));
    for (const cover of retired.slice(0, Math.max(0, retired.length - MAX_RETIRED)))
      this.#known.delete(cover);
  }

  #noteSettled({ answerTokens }: Need, outputTokens: number | undefined): void {
    this.#outstanding--;
    // Embeddings have no answer, so they say nothing about how long answers are.
    if (outputTokens !== undefined && answerTokens > 0) this.#usual.note(outputTokens);
  }
}

/** Returns the limit, among all budgets, that keeps a request out the longest. */
function refusalOf(
  accounts: readonly BudgetAccount[],
  need: Need,
  nowMs: number,
  wallMs: number,
): BudgetRefusal | undefined {
  let binding: BudgetRefusal | undefined;
  for (const account of accounts) {
    const refusal = account.refusalOf(need, nowMs, wallMs);
    if (refusal !== undefined) binding = bindingOf(binding, refusal);
  }
  return binding;
}

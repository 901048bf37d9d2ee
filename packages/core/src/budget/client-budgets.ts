import { Admission, type AdmissionOwner } from './admission.ts';
import { type AdmissionRequest, type Need, needOf } from './admission-request.ts';
import { type Budget, coverOf, mergeBudgets } from './budget.ts';
import { BudgetAccount, type BudgetState } from './budget-account.ts';
import { type BudgetRefusal, bindingOf } from './budget-refusal.ts';
import { type BudgetRemaining, type BudgetReport, remainingOf, reportOf } from './budget-report.ts';
import { DeploymentAliases, type NamingBackend } from './deployment-aliases.ts';
import type { TokenEstimate } from '../routing-request.ts';
import { UsualOutput } from './usual-output.ts';

/** What a client has spent in the calendar, as plain JSON. */
export interface BudgetsState {
  readonly budgets: readonly BudgetState[];
}

/** Budgets that are no longer configured are remembered, as they may come back; no more than these. */
const MAX_RETIRED = 100;

const NO_NEED: Need = needOf({ deployment: '' }, 0);
/** Of what no budget covers. */
const UNCHARGED = new Admission(undefined, NO_NEED, { noteSettled: () => {} });

/** What one client may spend, and has spent. A request must fit every budget that covers its deployment, or is charged to none. */
export class ClientBudgets {
  /** By cover, those of before included. */
  readonly #known = new Map<string, BudgetAccount>();
  #active: readonly BudgetAccount[] = [];
  /**
   * Those that cover a deployment which some budget or backend names, by its name in small letters, as backends do not tell
   * capitals apart. Any other has those that cover all, or what any name stands for.
   */
  #ofDeployment: ReadonlyMap<string, readonly BudgetAccount[]> = new Map();
  #ofOthers: readonly BudgetAccount[] = [];
  readonly #usual = new UsualOutput();
  #outstanding = 0;
  readonly #owner: AdmissionOwner = {
    noteSettled: (need, outputTokens) => this.#noteSettled(need, outputTokens),
  };

  /** @param backends which may have other names for deployments than clients */
  constructor(budgets: readonly Budget[], backends: readonly NamingBackend[] = []) {
    this.update(budgets, backends);
  }

  /** How many requests were admitted and are not settled yet. */
  get outstanding(): number {
    return this.#outstanding;
  }

  /** The tokens that an answer of this client's may be expected to have at most. */
  get usualOutputTokens(): number {
    return this.#usual.tokens;
  }

  /**
   * Takes other limits. What was spent stays with the budgets that cover the same deployments, and with those that come back;
   * requests under way are settled where they were charged.
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
      [...named, ...aliases.named].map((name) => [name.toLowerCase(), this.#covering(aliases.of(name))]),
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

  /** Charges what was taken without being admitted: what a session still tells when its budget is spent. */
  charge(deployment: string, usage: TokenEstimate, nowMs: number, wallMs: number): void {
    const need = needOf({ deployment, estimate: usage }, usage.outputTokens);
    this.#charge(this.#accountsFor(deployment), need, nowMs, wallMs).settle({ kind: 'told', usage });
  }

  /** Returns what is left of a minute for a deployment, for the headers of an answer. */
  remaining(deployment: string, nowMs: number): BudgetRemaining {
    return remainingOf(this.#accountsFor(deployment), nowMs);
  }

  /** Returns how each budget stands, for operators. */
  report(nowMs: number, wallMs: number): readonly BudgetReport[] {
    return this.#active.map((account) => reportOf(account, nowMs, wallMs));
  }

  /** Returns what counts in the calendar, so that it survives a restart; requests under way count as they are expected to end. */
  state(): BudgetsState {
    const states = [...this.#known.values()].map(({ state }) => state);
    return { budgets: states.filter(({ day, month }) => day !== undefined || month !== undefined) };
  }

  /** Takes over what counted before a restart. It never lowers what is known, so doing it twice changes nothing. */
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
    const found = this.#ofDeployment.get(deployment) ?? this.#ofDeployment.get(deployment.toLowerCase());
    return found ?? this.#ofOthers;
  }

  #covering(names: readonly string[]): readonly BudgetAccount[] {
    const covered = new Set(names.map((name) => name.toLowerCase()));
    return this.#active.filter(
      ({ deployments }) => deployments?.some((name) => covered.has(name.toLowerCase())) ?? true,
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
    // Embeddings have no answer, and say nothing of how long answers are.
    if (outputTokens !== undefined && answerTokens > 0) this.#usual.note(outputTokens);
  }
}

/** Returns by which limit of all budgets a request does not fit the longest. */
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

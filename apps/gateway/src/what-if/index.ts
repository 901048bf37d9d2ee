/** The replay of a log, for tools that draw its results. */
export { optionsHelp } from './options-help.ts';
export { splitQuotas } from './quotas/find-quotas.ts';
export { type Answer, countUnproven, figuresOf, meanOf, type Outcome } from './result/answers.ts';
export type { ClientCount } from './result/findings.ts';
export { findShortages } from './result/find-shortages.ts';
export { describeShortage, describeUnproven } from './result/render-answers.ts';
export { runWhatIf } from './run-what-if.ts';

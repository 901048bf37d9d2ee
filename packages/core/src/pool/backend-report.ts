import type { Backend } from '../backend.ts';
import type { Headroom } from '../quota/headroom.ts';
import type { BackendState } from './backend-state.ts';
import type { DeploymentSnapshot } from './deployment-state.ts';
import type { Question } from './question.ts';
import { withoutSpellings } from './without-spellings.ts';

/** The state of a backend and of each of its deployments at one moment. */
export interface BackendReport<B extends Backend = Backend> {
  readonly asWhole: DeploymentSnapshot<B>;
  /** By the deployment's name at the backend: those that it is known to have, that have failed, or that were named. */
  readonly deployments: readonly {
    readonly deployment: string;
    readonly state: DeploymentSnapshot<B>;
    readonly headroom: Headroom;
  }[];
}

/** Returns a backend's state for a question, including these deployments even if nothing is known of them yet. */
export function reportOf<B extends Backend>(
  state: BackendState<B>,
  question: Question,
  named: readonly string[] = [],
): BackendReport<B> {
  return {
    asWhole: state.snapshotAsWhole(question),
    deployments: withoutSpellings([...state.deployments, ...named]).map((deployment) => {
      const asked = state.asked(deployment, question);
      return { deployment, state: asked.snapshot(), headroom: asked.quota.headroomAt(question.nowMs) };
    }),
  };
}

import type { Backend } from '../backend.ts';
import type { Headroom } from '../quota/headroom.ts';
import type { BackendState } from './backend-state.ts';
import type { DeploymentSnapshot, Question } from './deployment-state.ts';

/** How a backend and each of its deployments stood at one moment. */
export interface BackendReport<B extends Backend = Backend> {
  readonly asWhole: DeploymentSnapshot<B>;
  /** By the deployment's name at the backend: those that it is known to have, or that have failed. */
  readonly deployments: readonly {
    readonly deployment: string;
    readonly state: DeploymentSnapshot<B>;
    readonly headroom: Headroom;
  }[];
}

/** Returns how a backend stands with a question. */
export function reportOf<B extends Backend>(state: BackendState<B>, question: Question): BackendReport<B> {
  return {
    asWhole: state.snapshotAsWhole(question),
    deployments: state.deployments.map((deployment) => ({
      deployment,
      state: state.asked(deployment, question).snapshot(),
      headroom: state.quotaOf(deployment).headroomAt(question.nowMs),
    })),
  };
}

import type { BackendReport, DeploymentSnapshot, Headroom } from '@spillway/core';
import { z } from 'zod';
import { stateWord } from './snapshot.ts';
import { rounded } from './rounded.ts';

const stateFields = {
  availability: stateWord,
  recoversInMs: z.int().min(1).optional().describe('Until its cooldown ends, or it has room again.'),
};

const headroom = z
  .strictObject({
    share: z.number().optional().describe('The share that is left, from 0 to 1.'),
    limitTokens: z.number().optional().describe('Per minute.'),
    remainingTokens: z.number().optional(),
    othersTokens: z.number().optional().describe('Used by others than this gateway, as far as answers show.'),
    limitRequests: z.number().optional().describe('Per minute or 10 s, as the backend reports it.'),
    remainingRequests: z.number().optional(),
    utilization: z.number().optional().describe('The share of provisioned throughput in use.'),
  })
  .describe('The quota that is left.');

const declined = z
  .array(z.strictObject({ operation: z.string(), recoversInMs: z.int() }))
  .describe(
    'The operations that it declined and another backend performed, and for how long it is not asked for them.',
  );

const deploymentDescription = z.strictObject({
  deployment: z.string().describe('By its name at the backend.'),
  ...stateFields,
  declined: declined.optional(),
  headroom,
});

/** The state of a backend, for operators. Unknown fields are absent. */
const backendDescription = z.strictObject({
  name: z.string(),
  priority: z.int(),
  inFlight: z.int().min(0).describe('Attempts under way, streams included.'),
  ...stateFields,
  deployments: z.array(deploymentDescription).describe('Those that it is known to have.'),
});

const refused = z.record(z.string(), z.int());

/** All backends, and the process. */
export const backendsPage = z.strictObject({
  process: z.strictObject({
    connections: z.int(),
    inFlight: z.int(),
    keptBytes: z.int(),
    refused: refused.describe('Requests refused before any backend was asked, by status.'),
    escapedErrors: z.int(),
    droppedLogLines: z.int(),
    droppedSpans: z.int(),
  }),
  waiting: z.strictObject({ interactive: z.int(), standard: z.int(), batch: z.int() }).optional(),
  backends: z.array(backendDescription),
});

type BackendDescription = z.output<typeof backendDescription>;
type DeploymentDescription = z.output<typeof deploymentDescription>;
type StateDescription = Pick<BackendDescription, keyof typeof stateFields>;

/** Describes the state of every backend and of each of its deployments. */
export function describeBackends(reports: readonly BackendReport[], nowMs: number): BackendDescription[] {
  return reports.map(({ asWhole, deployments }) => ({
    name: asWhole.backend.name,
    priority: asWhole.backend.priority,
    inFlight: asWhole.inFlight,
    ...describeState(asWhole, nowMs),
    deployments: deployments.map(({ deployment, state, headroom }) => ({
      deployment,
      ...describeState(state, nowMs),
      declined: describeDeclined(state, nowMs),
      headroom: describeHeadroom(headroom),
    })),
  }));
}

function describeState({ availability, recoversAtMs }: DeploymentSnapshot, nowMs: number): StateDescription {
  return {
    availability,
    recoversInMs: recoversAtMs > nowMs ? Math.ceil(recoversAtMs - nowMs) : undefined,
  };
}

function describeDeclined(
  { declined }: DeploymentSnapshot,
  nowMs: number,
): DeploymentDescription['declined'] {
  if (declined.length === 0) return undefined;
  return declined.map(({ operation, untilMs }) => ({ operation, recoversInMs: Math.ceil(untilMs - nowMs) }));
}

/** The use by others is an estimate, and comes in fractions. */
function describeHeadroom(headroom: Headroom): Headroom {
  return {
    ...headroom,
    share: rounded(headroom.share, 1000),
    utilization: rounded(headroom.utilization, 1000),
    remainingTokens: whole(headroom.remainingTokens),
    // Usually zero, which says nothing.
    othersTokens: whole(headroom.othersTokens) || undefined,
    remainingRequests: whole(headroom.remainingRequests),
  };
}

function whole(number: number | undefined): number | undefined {
  return number === undefined ? undefined : Math.floor(number);
}

import { missing } from '../../calls/object-kind.ts';
import type { ObjectKind } from '../../calls/object-kind.ts';

/** Threads. */
export const threadKind: ObjectKind = {
  path: 'threads',
  missing: (id) => missing(`No thread found with id '${id}'.`),
};

/** The messages of a thread. */
export const messageKind: ObjectKind = {
  path: 'threads/{id}/messages',
  owner: threadKind,
  missing: (id) => missing(`No message found with id '${id}'.`),
};

/** The runs of a thread. */
export const runKind: ObjectKind = {
  path: 'threads/{id}/runs',
  owner: threadKind,
  missing: (id) => missing(`No run found with id '${id}'.`),
};

/** The steps of a run. */
export const runStepKind: ObjectKind = {
  path: 'threads/{id}/runs/{id}/steps',
  owner: runKind,
  missing: (id) => missing(`No run step found with id '${id}'.`),
};

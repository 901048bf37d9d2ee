/** Everything the page knows of the gateway: the types of its admin API. */
export type {
  BackendSnapshot,
  ClientLimit,
  ClientSnapshot,
  DeploymentNumbers,
  DeploymentSnapshotState,
  GroupState,
  NotShown,
  StateEvent,
  StateSnapshot,
  StateWord,
} from '../../gateway/src/admin/snapshot.ts';

/** An operator's action, by its name in the admin API. */
export type ActionName = 'drain' | 'undrain' | 'clear-cooldown';

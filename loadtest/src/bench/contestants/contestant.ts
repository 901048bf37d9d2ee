import type { RunningProcess } from '../../process/start-process.ts';

/** A proxy that takes part in a comparison. */
export interface Contestant {
  readonly name: string;
  /** Starts it, Node with these arguments; those of all that is measured if left out. nginx has none. */
  readonly start: (nodeArguments?: readonly string[]) => Promise<RunningProcess>;
  /** Whether only the requests are measured; all parts are of the others. */
  readonly isOfRequests?: boolean;
  /** The line of a request's head that says who the client is; its key if left out. */
  readonly credential?: string;
}

/** The contestant that the others are compared with. */
export const baselineName = 'bare';

/** The gateway with all that can be switched on: for the sake of quotas, and traces and metrics that are sent. */
export const allOnName = 'all on';

/** The gateway with clients that have budgets, known by a key, and by a token of Microsoft Entra ID. */
export const clientsName = 'clients';
export const tokensName = 'tokens';

/** The contestants that may cost no more than so much of it. */
export const gatewayNames: readonly string[] = ['gateway', allOnName, clientsName];

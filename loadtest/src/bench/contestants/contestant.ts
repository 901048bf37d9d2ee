import type { RunningProcess } from '../../process/start-process.ts';

/** A proxy that takes part in a comparison. */
export interface Contestant {
  readonly name: string;
  /** Starts it, with these arguments for Node; those of all measured processes if left out. nginx has none. */
  readonly start: (nodeArguments?: readonly string[]) => Promise<RunningProcess>;
  /** Whether only the requests are measured; the others take part in all measurements. */
  readonly isOfRequests?: boolean;
  /** The line of a request's head that identifies the client; its key if left out. */
  readonly credential?: string;
}

/** The contestant that the others are compared with. */
export const baselineName = 'bare';

/** The gateway with all its quota features switched on, sending traces and metrics. */
export const allOnName = 'all on';

/** The gateway with clients that have budgets, known by a key, and by a token of Microsoft Entra ID. */
export const clientsName = 'clients';
export const tokensName = 'tokens';

/** The contestants whose cost is limited to a multiple of it. */
export const gatewayNames: readonly string[] = ['gateway', allOnName, clientsName];

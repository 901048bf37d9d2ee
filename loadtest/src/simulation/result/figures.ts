import type { SimulationResult } from './simulation-result.ts';

/** The figures by which policies are compared. */
export interface Figures {
  readonly requests: number;
  /** The tokens served, as a share of those that the quotas allowed. */
  readonly quotaShare: number;
  /** 429s of backends to 1,000 requests of clients. */
  readonly backendRefusalsPerThousand: number;
  readonly attemptsPerSuccess: number;
  /** The share of the clients' requests that were refused. */
  readonly refusedShare: number;
  /** The share of them that were refused while a backend would have served them. */
  readonly avoidableShare: number;
  /** Jain's index of the share of tokens served to each replica's clients: 1 if all are equal. */
  readonly fairness: number;
  /** The smallest and the largest share of tokens served to one replica's clients. */
  readonly worstReplica: number;
  readonly bestReplica: number;
}

/** Computes a simulation's figures. */
export function reckonFigures({ tally, servedTokens, allowedTokens }: SimulationResult): Figures {
  const { requests, attempts, successes, offeredTokens, grantedTokens } = tally;
  const shares = [...offeredTokens].flatMap((offered, replica) =>
    offered === 0 ? [] : [(grantedTokens[replica] ?? 0) / offered],
  );
  return {
    requests,
    quotaShare: servedTokens / allowedTokens,
    backendRefusalsPerThousand: (tally.backendRefusals / requests) * 1000,
    attemptsPerSuccess: attempts / successes,
    refusedShare: tally.clientRefusals / requests,
    avoidableShare: tally.avoidableRefusals / requests,
    fairness: jainIndex(shares),
    worstReplica: Math.min(...shares),
    bestReplica: Math.max(...shares),
  };
}

function jainIndex(values: readonly number[]): number {
  const total = values.reduce((sum, value) => sum + value, 0);
  const squares = values.reduce((sum, value) => sum + value ** 2, 0);
  return total ** 2 / (values.length * squares);
}

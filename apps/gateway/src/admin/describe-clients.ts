import type { BudgetReport } from '@spillway/core';
import { z } from 'zod';
import { authModeOf, takesKeys, takesTokens } from '../config/auth-mode.ts';
import type { Client, ClientConfig } from '../client/client.ts';
import type { Runtime } from '../proxy/runtime.ts';
import type { ClientTraffic } from '../telemetry/live/client-traffic.ts';
import { limitWord } from './snapshot.ts';
import { rounded } from './rounded.ts';

const count = () => z.int().min(0);

const keysDescription = z
  .strictObject({
    configured: count(),
    valid: count().describe('Those accepted now.'),
    nextExpiryInMs: count().optional().describe('Until the first of these expires.'),
  })
  .describe('Left out if it has none, or if no keys are accepted.');

const entraDescription = z
  .strictObject({ applications: z.array(z.string()), roles: z.array(z.string()) })
  .describe('Whose tokens of Microsoft Entra ID identify it; left out if no tokens are accepted.');

const budgetDescription = z.strictObject({
  deployments: z
    .array(z.string())
    .optional()
    .describe('The deployments that it covers together; left out if all.'),
  inFlight: count(),
  limits: z.array(
    z.strictObject({
      limit: limitWord,
      limitValue: z.number().min(0),
      used: count().describe('Reservations for requests under way included.'),
      share: z.number().min(0).describe('In use: 1 is all of it, more is possible.'),
      resetInMs: count()
        .optional()
        .describe(
          'Until all of it is free again, if no more is used; for a day or a month, until that ends.',
        ),
    }),
  ),
});

const clientDescription = z.strictObject({
  name: z.string(),
  keys: keysDescription.optional(),
  entra: entraDescription.optional(),
  deployments: z.array(z.string()).optional().describe('That it may use; left out if it may use any.'),
  tags: z.array(z.string()).describe('A backend must have all of them to get its requests.'),
  class: z.enum(['interactive', 'standard', 'batch']).optional(),
  maxOutputTokens: count().optional(),
  allOperations: z.boolean().describe('Whether it may use operations that name no deployment.'),
  allObjects: z.boolean().describe('Whether it may use stored objects of other clients.'),
  inFlight: count().optional().describe('Requests that its budgets cover; left out if it has none.'),
  requestsPerMinute: count().describe('Those that ended in the last minute.'),
  tokensPerMinute: count()
    .optional()
    .describe('As answers report them, or as estimated where they do not; left out if there were none.'),
  refusedPerMinute: count().describe(
    'Of the requests, those that were refused before any backend was asked.',
  ),
  overBudgetPerMinute: count().describe('Of the requests, those that its own budgets refused.'),
  budgets: z.array(budgetDescription),
});

/** All clients. */
export const clientsPage = z.strictObject({
  mode: z.enum(['open', 'keys', 'entra', 'both']).describe('How clients authenticate.'),
  clients: z.array(clientDescription).describe('In the order of the configuration.'),
});

/**
 * Describes every client of a configuration, without its secrets.
 *
 * @param wallMs epoch ms
 */
export function describeClients(
  { config, clients: { byName }, nowMs }: Pick<Runtime, 'config' | 'clients' | 'nowMs'>,
  traffic: ClientTraffic,
  wallMs: number,
): z.output<typeof clientsPage> {
  const now = nowMs();
  const clients = (config.clients ?? []).flatMap((configured) => {
    const client = byName.get(configured.name);
    if (client === undefined) return [];
    const { name, budgets } = client;
    return {
      name,
      keys: takesKeys(config) ? describeKeys(configured, wallMs) : undefined,
      entra: takesTokens(config) ? configured.entra : undefined,
      ...describeRights(client),
      inFlight: budgets?.outstanding,
      ...traffic.ratesOf(name, now),
      budgets: (budgets?.report(now, wallMs) ?? []).map(describeBudget),
    };
  });
  return { mode: authModeOf(config), clients };
}

function describeKeys({ keys }: ClientConfig, wallMs: number): z.output<typeof keysDescription> | undefined {
  if (keys === undefined) return undefined;
  const expiries = keys
    .filter(({ disabled }) => !disabled)
    .map(({ expires }) => (expires === undefined ? Number.POSITIVE_INFINITY : Date.parse(expires)))
    .filter((expiresMs) => expiresMs > wallMs);
  const next = Math.min(...expiries);
  return {
    configured: keys.length,
    valid: expiries.length,
    nextExpiryInMs: Number.isFinite(next) ? Math.ceil(next - wallMs) : undefined,
  };
}

function describeRights({
  deployments,
  tags,
  priorityClass,
  maxOutputTokens,
  allOperations,
  allObjects,
}: Client) {
  return {
    deployments: deployments && [...deployments],
    tags: [...tags],
    class: priorityClass,
    maxOutputTokens,
    allOperations,
    allObjects,
  };
}

function describeBudget({ deployments, inFlight, limits }: BudgetReport): z.output<typeof budgetDescription> {
  return {
    deployments: deployments && [...deployments],
    inFlight,
    limits: limits.map(({ limit, limitValue, used, share, resetMs }) => ({
      limit,
      limitValue,
      used: Math.max(0, Math.ceil(used)),
      share: Math.max(0, rounded(share, 1000)),
      resetInMs: resetMs === undefined ? undefined : Math.max(0, Math.ceil(resetMs)),
    })),
  };
}

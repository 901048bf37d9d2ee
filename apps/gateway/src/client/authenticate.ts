import { ClientBudgets } from '@spillway/core';
import { authModeOf, takesKeys } from '../config/auth-mode.ts';
import type { Config } from '../config/schema.ts';
import { readSessionKey } from '../headers/session-key.ts';
import { type Client, type ClientConfig, createClient } from './client.ts';
import { CredentialRefused, type RefusalReason, TooManyFailures } from './credential-refused.ts';
import { type CredentialHead, credentialOf } from './credentials-of.ts';
import { FailedAttempts } from './failed-attempts.ts';
import { isMiswritten, KeyTable, sha256 } from './keys.ts';
import { MintedKeys } from './minted-keys.ts';

/** The head of a request, and where it comes from. */
interface CallerHead extends CredentialHead {
  readonly socket: { readonly remoteAddress?: string | undefined };
}

/**
 * Returns who sends a request; a promise only where a token has to be verified first.
 *
 * @throws CredentialRefused or TooManyFailures; as a rejection where there is a promise
 */
export type Authenticate = (head: CallerHead) => Client | Promise<Client>;

/** What is known of clients, whatever the configuration is: it outlives each. */
export interface ClientMemory {
  readonly minted: MintedKeys;
  /** What clients have spent, by their names; of those that are no longer configured as well. */
  readonly budgets: Map<string, ClientBudgets>;
}

/** Makes what a new process knows of clients. */
export function createClientMemory(): ClientMemory {
  return { minted: new MintedKeys(), budgets: new Map() };
}

/** Who may call, and the function that tells who does. */
export interface Clients {
  /** By their names. */
  readonly byName: ReadonlyMap<string, Client>;
  /** Undefined where nobody is asked. */
  readonly authenticate: Authenticate | undefined;
}

/** Makes what tells clients apart, of a configuration. */
export function createClients(config: Config, memory: ClientMemory): Clients {
  const configured = (config.clients ?? []).map(
    (client) => [createClient(client, (one) => budgetsOf(one, memory)), client] as const,
  );
  const byName = new Map(configured.map(([client]) => [client.name, client]));
  if (authModeOf(config) === 'open') return { byName, authenticate: undefined };
  const keys = new KeyTable(takesKeys(config) ? configured : []);
  const failures = new FailedAttempts(config.auth.maxFailuresPerMinute);

  const identify = (head: CallerHead): Client | RefusalReason => {
    const nowMs = Date.now();
    const sessionKey = readSessionKey(head.headers);
    if (sessionKey !== undefined) {
      const name = memory.minted.clientOf(sessionKey[1].replace(/^bearer +/i, ''), nowMs);
      return (name === undefined ? undefined : byName.get(name)) ?? 'unknown';
    }
    const sent = credentialOf(head);
    if (sent === undefined) return 'missing';
    if (isMiswritten(sent.value)) return 'malformed';
    return keys.find(sha256(sent.value), nowMs);
  };
  const admit = (found: Client | RefusalReason, { socket }: CallerHead): Client => {
    if (typeof found !== 'string') return found;
    // Only now: whoever has a valid credential is let in, however many have failed.
    const waitSeconds = failures.note(socket.remoteAddress ?? '', Date.now());
    throw waitSeconds === 0 ? new CredentialRefused(found) : new TooManyFailures(found, waitSeconds);
  };
  return { byName, authenticate: (head) => admit(identify(head), head) };
}

/** What was spent stays when limits change. */
function budgetsOf({ name, budgets }: ClientConfig, memory: ClientMemory): ClientBudgets | undefined {
  const known = memory.budgets.get(name);
  known?.update(budgets);
  if (budgets.length === 0) return undefined;
  const made = known ?? new ClientBudgets(budgets);
  memory.budgets.set(name, made);
  return made;
}

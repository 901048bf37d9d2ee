import { type Backend, ClientBudgets } from '@spillway/core';
import { authModeOf, takesKeys, takesTokens } from '../config/auth-mode.ts';
import type { Config } from '../config/schema.ts';
import { readSessionKey } from '../headers/session-key.ts';
import { AuthenticationFailed, type RefusalReason } from './authentication-failed.ts';
import { type Client, type ClientConfig, createClient, mayLess } from './client.ts';
import { type CredentialHead, credentialOf } from './credentials-of.ts';
import { EntraTokens } from './entra-token.ts';
import { FailedAttempts } from './failed-attempts.ts';
import { KeyTable, sha256 } from './keys.ts';
import { LastHashes } from './last-hashes.ts';
import { OpenSessions } from './open-sessions.ts';
import { MintedKeys } from './minted-keys.ts';
import { type KeySource, SigningKeyStore } from './signing-keys.ts';

/** The head of a request, and where it comes from. */
interface CallerHead extends CredentialHead {
  readonly socket: { readonly remoteAddress?: string | undefined };
}

/**
 * Returns who sends a request; a promise only where a token has to be verified first.
 *
 * @throws AuthenticationFailed, or IssuerUnavailable; as a rejection where there is a promise
 */
export type Authenticate = (head: CallerHead) => Client | Promise<Client>;

/** What is known of clients, whatever the configuration is: it outlives each. */
export interface ClientMemory {
  readonly minted: MintedKeys;
  readonly signingKeys: SigningKeyStore;
  /** What clients have spent, by their names; of those that are no longer configured as well. */
  readonly budgets: Map<string, ClientBudgets>;
  readonly sessions: OpenSessions<CallerHead>;
}

/** Makes what a new process knows of clients. */
export function createClientMemory(source: KeySource): ClientMemory {
  const signingKeys = new SigningKeyStore(source);
  return { minted: new MintedKeys(), signingKeys, budgets: new Map(), sessions: new OpenSessions() };
}

/** Who may call, and the function that tells who does. */
export interface Clients {
  /** By their names. */
  readonly byName: ReadonlyMap<string, Client>;
  /** Undefined where nobody is asked. */
  readonly authenticate: Authenticate | undefined;
  /** Returns whether a client that was let in with a head would be no more: its key was taken from it, it may do less since, or it is gone. */
  isRevoked(client: Client, head: CallerHead): boolean;
}

type Found = Client | RefusalReason;

/** Makes what tells clients apart, of a configuration. */
export function createClients(config: Config, memory: ClientMemory, backends: readonly Backend[]): Clients {
  const configured = (config.clients ?? []).map(
    (client) => [createClient(client, (one) => budgetsOf(one, memory, backends)), client] as const,
  );
  const byName = new Map(configured.map(([client]) => [client.name, client]));
  if (authModeOf(config) === 'open') return { byName, authenticate: undefined, isRevoked: () => false };
  const { entra, maxFailuresPerMinute } = config.auth;
  const keys = takesKeys(config) ? new KeyTable(configured) : undefined;
  const tokens =
    takesTokens(config) && entra ? new EntraTokens(entra, configured, memory.signingKeys) : undefined;
  const failures = new FailedAttempts(maxFailuresPerMinute);
  const hashes = new LastHashes();

  const identify = (head: CallerHead, nowMs: number): Found | Promise<Found> => {
    const sessionKey = readSessionKey(head.headers);
    if (sessionKey !== undefined) {
      const name = memory.minted.clientOf(sessionKey[1].replace(/^bearer +/i, ''), nowMs);
      return (name === undefined ? undefined : byName.get(name)) ?? 'unknown';
    }
    const sent = credentialOf(head, keys === undefined);
    if (sent === undefined) return 'missing';
    const hash = hashes.of(head.socket, sent.value);
    if (hash === undefined) return 'malformed';
    const found = keys?.find(hash, nowMs) ?? 'unknown';
    if (found !== 'unknown' || tokens === undefined || !sent.mayBeToken) return found;
    return tokens.recall(hash, nowMs) ?? tokens.verify(sent.value, hash);
  };
  const admit = (found: Found, { socket }: CallerHead): Client => {
    if (typeof found !== 'string') return found;
    // Only now: whoever has a valid credential is let in, however many have failed.
    throw new AuthenticationFailed(found, failures.note(socket.remoteAddress ?? '', Date.now()));
  };
  const authenticate: Authenticate = (head) => {
    const found = identify(head, Date.now());
    return found instanceof Promise ? found.then((client) => admit(client, head)) : admit(found, head);
  };
  const isRevoked = (client: Client, head: CallerHead): boolean => {
    const { name } = client;
    const now = byName.get(name);
    if (now === undefined || mayLess(now, client)) return true;
    const sent = readSessionKey(head.headers) ? undefined : credentialOf(head, keys === undefined);
    if (sent === undefined) return false;
    const found = keys?.find(sha256(sent.value), Date.now()) ?? 'unknown';
    if (typeof found !== 'string') return found.name !== name;
    if (found !== 'unknown' || tokens === undefined || !sent.mayBeToken) return true;
    // A token was good when it came; its session may outlive it, but not what has made it this client's.
    return tokens.whoseNow(sent.value)?.name !== name;
  };
  return { byName, authenticate, isRevoked };
}

/** What was spent stays when limits change. */
function budgetsOf(
  { name, budgets }: ClientConfig,
  memory: ClientMemory,
  backends: readonly Backend[],
): ClientBudgets | undefined {
  const known = memory.budgets.get(name);
  known?.update(budgets, backends);
  if (budgets.length === 0) return undefined;
  const made = known ?? new ClientBudgets(budgets, backends);
  memory.budgets.set(name, made);
  return made;
}

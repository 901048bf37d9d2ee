import { type Backend, ClientBudgets } from '@spillway/core';
import { authModeOf, takesKeys, takesTokens } from '../config/auth-mode.ts';
import type { Config } from '../config/schema.ts';
import { isPreflight } from '../headers/cors.ts';
import { readEphemeralKey } from '../headers/session-key.ts';
import { AuthenticationFailed, type RefusalReason } from './authentication-failed.ts';
import { type Client, type ClientConfig, createClient, mayLess } from './client.ts';
import { CredentialHolders } from './credential-holders.ts';
import { type CredentialHead, credentialOf } from './credentials-of.ts';
import { EntraTokens } from './entra-token.ts';
import { FailedAttempts } from './failed-attempts.ts';
import type { HashedCredential } from './hashed-credential.ts';
import { KeyTable } from './keys.ts';
import { LastHashes } from './last-hashes.ts';
import { OpenSessions } from './open-sessions.ts';
import { MintedKeys } from './minted-keys.ts';
import { type KeySource, SigningKeyStore } from './signing-keys.ts';

/** The head of a request, and the address that it comes from. */
interface CallerHead extends CredentialHead {
  readonly method?: string | undefined;
  readonly socket: { readonly remoteAddress?: string | undefined };
}

/**
 * Returns the client that sent a request; a promise only where a token has to be verified first.
 *
 * @throws AuthenticationFailed, or IssuerUnavailable; as a rejection where there is a promise
 */
export type Authenticate = (head: CallerHead) => Client | Promise<Client>;

/** The memory of clients that outlives each configuration. */
export interface ClientMemory {
  readonly minted: MintedKeys;
  readonly signingKeys: SigningKeyStore;
  /** The spending of clients by name, including clients that are no longer configured. */
  readonly budgets: Map<string, ClientBudgets>;
  readonly sessions: OpenSessions;
}

/** Creates the clients' memory of a new process. */
export function createClientMemory(source: KeySource): ClientMemory {
  const signingKeys = new SigningKeyStore(source);
  return { minted: new MintedKeys(), signingKeys, budgets: new Map(), sessions: new OpenSessions() };
}

/** The clients that may call, and the function that identifies them. */
export interface Clients {
  /** By their names. */
  readonly byName: ReadonlyMap<string, Client>;
  /** Undefined where clients are not authenticated. */
  readonly authenticate: Authenticate | undefined;
  /**
   * Returns the credential that an admitted request was sent with: of an ephemeral key, the one that it was requested
   * with.
   */
  credentialOf(head: CredentialHead): HashedCredential | undefined;
  /**
   * Returns whether a client admitted with a credential would now be refused: its key was removed, its permissions were
   * reduced, or it no longer exists.
   */
  isRevoked(client: Client, credential: HashedCredential): boolean;
}

type Found = Client | RefusalReason;

/** Creates the clients of a configuration, and the function that tells them apart. */
export function createClients(config: Config, memory: ClientMemory, backends: readonly Backend[]): Clients {
  const configured = (config.clients ?? []).map(
    (client) => [createClient(client, (one) => budgetsOf(one, memory, backends)), client] as const,
  );
  const byName = new Map(configured.map(([client]) => [client.name, client]));
  if (authModeOf(config) === 'open')
    return { byName, authenticate: undefined, credentialOf: () => undefined, isRevoked: () => false };
  const { entra, maxFailuresPerMinute } = config.auth;
  const keys = takesKeys(config) ? new KeyTable(configured) : undefined;
  const tokens =
    takesTokens(config) && entra ? new EntraTokens(entra, configured, memory.signingKeys) : undefined;
  const holders = new CredentialHolders(keys, tokens, memory.minted);
  const failures = new FailedAttempts(maxFailuresPerMinute);
  const hashes = new LastHashes();

  const identify = (head: CallerHead, nowMs: number): Found | Promise<Found> => {
    const ephemeral = readEphemeralKey(head.headers);
    if (ephemeral !== undefined) return holders.ofEphemeral(ephemeral, nowMs);
    const sent = credentialOf(head, keys === undefined);
    if (sent === undefined) return 'missing';
    const hash = hashes.of(head.socket, sent.value);
    if (hash === undefined) return 'malformed';
    const found = keys?.find(hash, nowMs) ?? 'unknown';
    if (found !== 'unknown' || tokens === undefined || !sent.mayBeToken) return found;
    return tokens.recall(hash, nowMs) ?? tokens.verify(sent.value, hash);
  };
  const admit = (found: Found, { method, headers, socket }: CallerHead): Client => {
    if (typeof found !== 'string') return found;
    const hasNone = found === 'missing' && isPreflight(method, headers);
    // Only now: a client with a valid credential is admitted, however many attempts have failed.
    const waitSeconds = failures.note(socket.remoteAddress ?? '', Date.now());
    throw new AuthenticationFailed(found, waitSeconds, hasNone);
  };
  const authenticate: Authenticate = (head) => {
    const found = identify(head, Date.now());
    return found instanceof Promise ? found.then((client) => admit(client, head)) : admit(found, head);
  };
  const isRevoked = (client: Client, credential: HashedCredential): boolean => {
    const now = holders.holderOf(credential, Date.now());
    return typeof now === 'string' || now.name !== client.name || mayLess(now, client);
  };
  return { byName, authenticate, credentialOf: (head) => holders.read(head), isRevoked };
}

/** Spending is kept when limits change. */
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

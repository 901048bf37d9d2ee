import type { Config } from './schema.ts';

/** How clients say who they are. */
export type AuthMode = 'open' | 'keys' | 'entra' | 'both';

/** Returns how clients say who they are: as `auth.mode` says, or else as they can. */
export function authModeOf({ auth, clients = [] }: Pick<Config, 'auth' | 'clients'>): AuthMode {
  if (auth.mode !== undefined) return auth.mode;
  const hasKeys = clients.some(({ keys }) => keys !== undefined);
  const hasEntra = clients.some(({ entra }) => entra !== undefined);
  if (hasKeys && hasEntra) return 'both';
  if (hasEntra) return 'entra';
  // Of clients that can say nothing the loader complains; until then nobody is let in.
  return hasKeys || clients.length > 0 ? 'keys' : 'open';
}

/** Returns whether tokens of Microsoft Entra ID are taken. */
export function takesTokens(config: Pick<Config, 'auth' | 'clients'>): boolean {
  const mode = authModeOf(config);
  return mode === 'entra' || mode === 'both';
}

/** Returns whether keys are taken. */
export function takesKeys(config: Pick<Config, 'auth' | 'clients'>): boolean {
  const mode = authModeOf(config);
  return mode === 'keys' || mode === 'both';
}

import type { Config } from './schema.ts';

/** How clients authenticate. */
export type AuthMode = 'open' | 'keys' | 'entra' | 'both';

/** Returns how clients authenticate: as `auth.mode` says, or else as the configuration allows. */
export function authModeOf({ auth, clients = [] }: Pick<Config, 'auth' | 'clients'>): AuthMode {
  if (auth.mode !== undefined) return auth.mode;
  const hasKeys = clients.some(({ keys }) => keys !== undefined);
  const hasEntra = clients.some(({ entra }) => entra !== undefined);
  if (hasKeys && hasEntra) return 'both';
  if (hasEntra) return 'entra';
  // The loader complains about clients that have no credential; until then nobody is admitted.
  return hasKeys || clients.length > 0 ? 'keys' : 'open';
}

/** Returns whether tokens of Microsoft Entra ID are accepted. */
export function takesTokens(config: Pick<Config, 'auth' | 'clients'>): boolean {
  const mode = authModeOf(config);
  return mode === 'entra' || mode === 'both';
}

/** Returns whether keys are accepted. */
export function takesKeys(config: Pick<Config, 'auth' | 'clients'>): boolean {
  const mode = authModeOf(config);
  return mode === 'keys' || mode === 'both';
}

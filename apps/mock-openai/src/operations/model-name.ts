const versions: Readonly<Record<string, string>> = {
  'gpt-4o': 'gpt-4o-2024-08-06',
  'gpt-4o-mini': 'gpt-4o-mini-2024-07-18',
  'gpt-4.1': 'gpt-4.1-2025-04-14',
  'gpt-4.1-mini': 'gpt-4.1-mini-2025-04-14',
  'gpt-4.1-nano': 'gpt-4.1-nano-2025-04-14',
  'gpt-35-turbo': 'gpt-35-turbo',
  'gpt-35-turbo-instruct': 'gpt-35-turbo-instruct',
  'text-embedding-ada-002': 'text-embedding-ada-002',
  'text-embedding-3-small': 'text-embedding-3-small',
  'text-embedding-3-large': 'text-embedding-3-large',
};

/**
 * Returns the name of the model behind a deployment with its version, as Azure's bodies have it; `fallback` serves
 * unknown deployments.
 */
export function modelName(deployment: string, fallback: string): string {
  return (Object.hasOwn(versions, deployment) ? versions[deployment] : undefined) ?? fallback;
}

/** Every model that the mock knows by name. */
export const knownModels: readonly string[] = Object.values(versions);

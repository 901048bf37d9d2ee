/** One Azure OpenAI resource that requests can be sent to, as far as the core needs to know it. */
export interface Backend {
  /** Unique in the pool; the only thing about a backend that clients and logs may see. */
  readonly name: string;
  /** Lower is preferred. Backends of equal priority form a priority group. */
  readonly priority: number;
  /** Share of its group's traffic under `weighted-random`, relative to the others; above 0. */
  readonly weight: number;
  /** The deployment that every request goes to here, whatever deployment it asked for. */
  readonly deployment?: string | undefined;
  /** Requested deployment → the name it has here. Names that are not listed stay as they are. */
  readonly deployments?: ReadonlyMap<string, string> | undefined;
}

/**
 * Answers the name that the requested deployment has at this backend; quota and cooldowns belong to that name. Requests
 * for no deployment, such as a list of files, have the empty name everywhere.
 */
export function deploymentAt(backend: Backend, requested: string): string {
  if (requested === '') return requested;
  return backend.deployments?.get(requested) ?? backend.deployment ?? requested;
}

/**
 * The settings of a quota, known before anything is sent. Values that are left out are learned, if the backend reports
 * them.
 */
export interface QuotaSettings {
  /** Tokens per minute; of provisioned throughput, input tokens per minute. */
  readonly tpm?: number | undefined;
  /** Requests per minute. */
  readonly rpm?: number | undefined;
  /** The share of provisioned throughput in use from which other backends are preferred; 1 is all of it. */
  readonly spillAt?: number | undefined;
  /** The name of the quota; all that have the same name share one. Without it each deployment has its own. */
  readonly quotaGroup?: string | undefined;
}

/** One Azure OpenAI resource that requests can be sent to, as far as the core needs to know it. */
export interface Backend {
  /** Unique in the pool; the only thing about a backend that clients and logs may see. */
  readonly name: string;
  /** Lower is preferred. Backends of equal priority form a priority group. */
  readonly priority: number;
  /**
   * Its share of the traffic of its group, relative to the others. With 0 it gets requests only when no other backend
   * is available.
   */
  readonly weight: number;
  /** Labels, such as its location: clients may be restricted to backends that have certain tags. */
  readonly tags?: readonly string[] | undefined;
  /** How many attempts may be under way here at once, streams and sessions included; without it, any number. */
  readonly maxInFlight?: number | undefined;
  /** The deployment that every request goes to here, whichever deployment it asked for. */
  readonly deployment?: string | undefined;
  /** Requested deployment → its name here, in any letter case. Names that are not listed stay as they are. */
  readonly deployments?: ReadonlyMap<string, string> | undefined;
  /** The quota of each deployment here, unless `quotas` says otherwise. */
  readonly quota?: QuotaSettings | undefined;
  /** Quotas by the deployment's name here. */
  readonly quotas?: ReadonlyMap<string, QuotaSettings> | undefined;
}

/**
 * Returns the name that the requested deployment has at this backend; quota and cooldowns belong to that name. Requests
 * for no deployment, such as a list of files, have the empty name everywhere.
 */
export function deploymentAt(backend: Backend, requested: string): string {
  if (requested === '') return requested;
  const { deployments, deployment } = backend;
  return (deployments && findDeployment(deployments, requested)) ?? deployment ?? requested;
}

/** Returns the quota that is configured for a deployment, by its name at the backend; undefined if there is none. */
export function quotaAt({ quota, quotas }: Backend, deployment: string): QuotaSettings | undefined {
  return (quotas && findDeployment(quotas, deployment)) ?? quota;
}

/** Returns whether a backend has all of these tags. */
export function hasTags({ tags = [] }: Pick<Backend, 'tags'>, wanted: readonly string[]): boolean {
  return wanted.every((tag) => tags.includes(tag));
}

/** Returns the key that all spellings of a deployment's name share, as Azure ignores letter case. */
export function deploymentKey(name: string): string {
  return name.toLowerCase();
}

/** Returns the entry of a deployment, by any spelling of its name; the exact spelling is preferred. */
export function findDeployment<Entry>(entries: ReadonlyMap<string, Entry>, name: string): Entry | undefined {
  const exact = entries.get(name);
  return exact === undefined && entries.size > 0 ? byKey(entries).get(deploymentKey(name)) : exact;
}

/** Of each map of a configuration, which never changes. */
const ENTRIES_BY_KEY = new WeakMap<ReadonlyMap<string, unknown>, ReadonlyMap<string, unknown>>();

function byKey<Entry>(entries: ReadonlyMap<string, Entry>): ReadonlyMap<string, Entry> {
  const known = ENTRIES_BY_KEY.get(entries) as ReadonlyMap<string, Entry> | undefined;
  if (known !== undefined) return known;
  // Of several spellings the first counts.
  const made = new Map([...entries].toReversed().map(([name, entry]) => [deploymentKey(name), entry]));
  ENTRIES_BY_KEY.set(entries, made);
  return made;
}

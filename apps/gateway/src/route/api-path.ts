import { cleanPath, withoutQuery } from './clean-path.ts';

/** A path of the API, and the position of its operation. */
export interface ApiPath {
  /** Path and query in Azure's form, whatever the client's base URL left out. */
  readonly path: string;
  /** The position in it of the operation, or of the deployment before it. */
  readonly start: number;
  readonly hasDeployment: boolean;
}

const CLASSIC = '/openai/deployments/';
const V1 = '/openai/v1/';
const READS: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/** Returns whether a request is for a backend, as far as its path shows. */
export function isApiPath(method: string, url: string): boolean {
  try {
    return findApiPath(method, cleanPath(url)) !== undefined;
  } catch {
    return false;
  }
}

/** Returns a cleaned path in the form for a backend; undefined if it does not belong to the API. */
export function findApiPath(method: string, path: string): ApiPath | undefined {
  if (path.startsWith(CLASSIC)) {
    const isEntry = READS.has(method) && !withoutQuery(path).includes('/', CLASSIC.length);
    return isEntry ? found(path, '/openai/'.length) : { path, start: CLASSIC.length, hasDeployment: true };
  }
  if (path.startsWith(V1)) return { path, start: V1.length, hasDeployment: false };
  return findOther(method, path);
}

/** A Foundry project's own prefix: the rest is the same as without it. */
const PROJECT = /^\/api\/projects\/[^/?]+(?=\/)/;
/** Other APIs of a resource: Foundry's models, Claude, models of other makers, and speech. */
const OTHER_API = /^\/(?:anthropic|mai|voice-live)\/(?:v1\/)?(?=[^/?])/;

function findOther(method: string, path: string): ApiPath | undefined {
  if (path.startsWith('/openai/')) return found(path, '/openai/'.length);
  const project = PROJECT.exec(path)?.[0].length;
  if (project !== undefined) return findInProject(method, path, project);
  const other = OTHER_API.exec(path)?.[0].length;
  if (other !== undefined) return found(path, other);
  if (path.startsWith('/providers/')) return found(path, 1);
  if (isFoundryModels(method, path)) return found(path, '/models/'.length);
  if (path.startsWith('/v1/messages')) return found(`/anthropic${path}`, '/anthropic/v1/'.length);
  if (/^\/(?:v1|deployments)\//.test(path)) return findApiPath(method, `/openai${path}`);
  if (/^\/deployments(?:\?|$)/.test(path)) return found(`/openai${path}`, '/openai/'.length);
  return isBareOperation(path) ? found(`/openai/v1${path}`, V1.length) : undefined;
}

function findInProject(method: string, path: string, length: number): ApiPath | undefined {
  const rest = path.slice(length);
  if (!rest.startsWith('/openai/')) return found(path, length + 1);
  const inside = findApiPath(method, rest);
  return inside && { ...inside, path, start: length + inside.start };
}

/** An empty operation is none. */
function found(path: string, start: number): ApiPath | undefined {
  const isNothing = path.length === start || path[start] === '?' || /^v1(?:\?|$)/.test(path.slice(start));
  return isNothing ? undefined : { path, start, hasDeployment: false };
}

/** OpenAI's `/models` has only lists and single models; Foundry's has operations below it. */
function isFoundryModels(method: string, path: string): boolean {
  return path.startsWith('/models/') && (method === 'POST' || /^\/models\/info(?:\?|$)/.test(path));
}

/**
 * Clients leave out `/openai/v1` where their base URL has no path. The API's collections are plural nouns; these are
 * the other first words of operations.
 */
const BARE_OPERATION = /^\/(?:audio|chat|fine_tuning|realtime|video|[a-z]+(?:_[a-z]+)*[^aius\W_]s)(?=[/?]|$)/;
/** First words of pages of other servers. */
const NOT_OPERATIONS = /^\/(?:assets|docs|hooks|logs|metrics|robots|scripts|settings|styles|users)\b/;
/** Behind an unknown prefix. */
const KNOWN_PREFIX = /\/(?:openai|v1|deployments)(?:[/?]|$)/;

function isBareOperation(path: string): boolean {
  return BARE_OPERATION.test(path) && !NOT_OPERATIONS.test(path) && !hasKnownPrefix(path);
}

/** Returns whether a path contains a beginning of the API's paths. */
export function hasKnownPrefix(path: string): boolean {
  return KNOWN_PREFIX.test(withoutQuery(path));
}

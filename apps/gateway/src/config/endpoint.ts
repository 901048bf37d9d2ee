import { z } from 'zod';
import { hasPlaceholder } from './fields.ts';

const ALLOWED = 'a URL such as https://my-resource.openai.azure.com, without credentials or a query';

/**
 * An absolute http(s) URL of a resource. If it was pasted with the API's own path, that path is removed or explained.
 */
export function endpoint() {
  return z
    .string(ALLOWED)
    .trim()
    .transform((text, context) => {
      const { url, problem } = readEndpoint(text);
      if (url === undefined) context.addIssue({ code: 'custom', message: problem, input: text });
      return url ?? z.NEVER;
    })
    .meta({ allowed: ALLOWED, pattern: '^\\s*[Hh][Tt][Tt][Pp][Ss]?:' });
}

const AZURE = /\.(?:azure\.(?:com|us|cn)|azure-api\.net|microsoft\.com)$/;
const PORTAL = /^(?:ai|oai|portal)\.azure\.com$/i;

/** Hosts where nobody can have chosen a prefix. */
const RESOURCE =
  /\.(?:(?:openai|cognitiveservices|services\.ai)\.azure\.(?:com|us|cn)|api\.cognitive\.microsoft\.com)\.?$/;

const COLLECTIONS =
  'assistants|audio|batches|chat|completions|containers|conversations|deployments|embeddings|evals|files|fine[-_]tuning|' +
  'images|models|operations|realtime|responses|threads|uploads|v1|vector_stores|videos';
const MODELS = '(?:/(?:chat/completions|embeddings|info|images/embeddings))?';

/** The API's own paths, as far as they are surely no prefix that somebody has chosen. */
const API = new RegExp(
  `^(.*?)/(?:openai(?:/(?:${COLLECTIONS})(?:/.*)?)?|mai/v1(?:/.*)?|providers/[^/]+/v1(?:/.*)?|models${MODELS}|` +
    'anthropic(?:/v1.*)?|voice-live(?:/realtime)?)$',
  'i',
);
const API_OF_RESOURCE = /^(.*?)\/(?:openai|mai|providers|models|anthropic|voice-live|v1)(?:\/.*)?$/i;
const PROJECT = /^(.*?\/api\/projects\/[^/]+)(\/.*)?$/i;

/** Returns the part before the API's own path; undefined where there is no such path. */
function prefixOf(path: string, hostname: string): string | undefined {
  const [, project, beyond] = PROJECT.exec(path) ?? [];
  if (project !== undefined) return beyond === undefined ? undefined : project;
  return (RESOURCE.test(hostname) ? API_OF_RESOURCE : API).exec(path)?.[1];
}

interface Read {
  readonly url?: string;
  readonly problem?: string;
}

function readEndpoint(text: string): Read {
  // For an unset variable there is a message of its own.
  if (hasPlaceholder(text) && !text.includes('${')) {
    return { problem: 'the name of the resource instead of what stands in brackets' };
  }
  if (!URL.canParse(text)) return { problem: ALLOWED };
  const { protocol, username, password, hash, host, hostname, origin, pathname, searchParams } = new URL(
    text,
  );
  // The parser accepts these in a name.
  if (/[,;"'`|]/.test(host)) return { problem: `${ALLOWED}; one for each backend` };
  if (username !== '' || password !== '' || hash !== '') return { problem: ALLOWED };
  if (protocol === 'ws:' || protocol === 'wss:') {
    return { problem: `http instead of ws, such as ${protocol.replace('ws', 'http')}//${host}` };
  }
  if (protocol !== 'http:' && protocol !== 'https:') return { problem: ALLOWED };
  if (protocol === 'http:' && AZURE.test(hostname)) {
    return { problem: 'https, as the key could be read on its way to Azure' };
  }
  if (PORTAL.test(hostname))
    return { problem: `${ALLOWED}: the endpoint of the resource, not of the portal` };

  const path = pathname.replaceAll(/\/{2,}/g, '/').replace(/\/$/, '');
  const prefix = prefixOf(path, hostname);
  const isApi = prefix !== undefined;
  const url = origin + (prefix ?? path);
  const deployment = /\/deployments\/([^/]+)/i.exec(isApi ? path : '')?.[1];
  if (deployment !== undefined) {
    const where = '`deployment` (BACKEND_<n>_DEPLOYMENT_NAME)';
    return { problem: `${url}, and the deployment, if all requests are to go to it, as ${where}` };
  }
  // Any other parameter of a query may be a key.
  const isVersioned = isApi && [...searchParams.keys()].every((name) => name === 'api-version');
  if (searchParams.size > 0 && !isVersioned) return { problem: `${url}, without a query` };
  return { url: isApi ? url : text };
}

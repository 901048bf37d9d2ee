import type { IncomingHttpHeaders } from 'node:http';
import { isDeploymentHeader } from '../headers/deployment-headers.ts';

const MAY_BE_IN_QUERY = /model|deployment|agent|%/i;
const IN_QUERY = /^(?:model|deployment)(?:[-_]?(?:name|id))?$/i;
const AGENT = /^agent[-_]?(?:name|id)$/i;

/** Returns the deployments that headers of a request name besides its own. */
export function namesInHeaders(headers: IncomingHttpHeaders): string[] {
  const names: string[] = [];
  for (const name in headers) {
    if (!isDeploymentHeader(name)) continue;
    const value = headers[name]?.toString();
    if (value) names.push(value);
  }
  return names;
}

/** Returns the deployments that a query names, in any parameter that a server reads: some prefer it to the body's. */
export function namesInQuery(path: string): string[] {
  return valuesOf(path, IN_QUERY);
}

/** Returns whether a session is to use an agent, which brings a deployment of its own. */
export function namesAgentInQuery(path: string): boolean {
  return valuesOf(path, AGENT).length > 0;
}

function valuesOf(path: string, wanted: RegExp): string[] {
  const start = path.indexOf('?') + 1;
  const query = path.slice(start);
  if (start === 0 || !MAY_BE_IN_QUERY.test(query)) return [];
  return [...new URLSearchParams(query)].flatMap(([name, value]) =>
    wanted.test(name) && value !== '' ? [value] : [],
  );
}

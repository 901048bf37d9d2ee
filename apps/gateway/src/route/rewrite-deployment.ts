/** What an attempt sends to its backend. */
export interface RequestLine {
  readonly path: string;
  readonly body: Buffer | undefined;
}

/** Where a request names its deployment: in the path (offsets in characters), or in a JSON or form body (in bytes). */
export interface DeploymentPlace {
  readonly in: 'path' | 'json' | 'form';
  readonly range: { readonly start: number; readonly end: number };
}

/** Puts the name that a backend has for the deployment where the client's name stands; all else stays as it is. */
export function rewriteDeployment(
  { path, body }: RequestLine,
  place: DeploymentPlace,
  deployment: string,
): RequestLine {
  const { start, end } = place.range;
  if (place.in === 'path') {
    return { path: path.slice(0, start) + encodeURIComponent(deployment) + path.slice(end), body };
  }
  if (body === undefined) return { path, body };
  const name = Buffer.from(place.in === 'json' ? JSON.stringify(deployment) : deployment);
  return { path, body: Buffer.concat([body.subarray(0, start), name, body.subarray(end)]) };
}

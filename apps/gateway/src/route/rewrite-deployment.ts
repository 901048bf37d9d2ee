import type { DeploymentPlace } from './deployment-place.ts';

/** The parts of a request that an attempt sends to its backend. */
interface RequestLine {
  readonly path: string;
  readonly body: Buffer | undefined;
}

/** Replaces the client's name for the deployment by the backend's, wherever it is; everything else is unchanged. */
export function rewriteDeployment(
  line: RequestLine,
  place: DeploymentPlace,
  deployment: string,
): RequestLine {
  const { others } = place;
  if (others === undefined) return rewriteAt(line, place, deployment);
  // From the back, so that the others stay where they were found.
  const places = [place, ...others].sort((one, other) => other.range.start - one.range.start);
  return places.reduce((rewritten, one) => rewriteAt(rewritten, one, deployment), line);
}

function rewriteAt({ path, body }: RequestLine, place: DeploymentPlace, deployment: string): RequestLine {
  const { start, end } = place.range;
  if (place.in === 'path') {
    return { path: path.slice(0, start) + encodeURIComponent(deployment) + path.slice(end), body };
  }
  if (body === undefined) return { path, body };
  const name = Buffer.from(place.in === 'json' ? JSON.stringify(deployment) : deployment);
  return { path, body: Buffer.concat([body.subarray(0, start), name, body.subarray(end)]) };
}

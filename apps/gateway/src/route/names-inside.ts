import { STATELESS } from './operations.ts';

/** A request, as far as its body may name deployments beside its own. */
interface NamingRoute {
  readonly operation: string;
  readonly deploymentPlace?: { readonly in: string } | undefined;
  readonly content:
    { readonly body: Buffer; readonly model: { readonly name: string } | undefined } | undefined;
}

/** A session that only transcribes is for the model of its transcription, whatever else it names. */
const SESSIONS = /^realtime(?:api)?\/(?:client_secrets|sessions|transcription_sessions)$/;
const MAX_DEPTH = 20;

/**
 * Returns the deployments that a body names beside the one that its request is for: that of the vectors of a chat about data
 * of one’s own, that of a transcription which is all that a session does, and what a body says below a path of its own.
 */
export function namesInside({ operation, deploymentPlace, content }: NamingRoute): string[] {
  if (content === undefined) return [];
  const { body } = content;
  if (SESSIONS.test(operation)) return transcribing(operation, parsed(body));
  const isOther = deploymentPlace?.in === 'path' && !STATELESS.has(operation);
  const names = isOther && content.model !== undefined ? [content.model.name] : [];
  const mayName = operation.endsWith('chat/completions') && MAY_NAME.some((text) => body.includes(text));
  return mayName ? [...names, ...valuesOf('deployment_name', parsed(body), 0)] : names;
}

/** Seen without parsing: how a body may write the key, and the list that it stands in. */
const MAY_NAME = ['deployment_name', 'data_sources', String.raw`\u00`];

function transcribing(operation: string, body: unknown): string[] {
  const session = memberOf(body, 'session') ?? body;
  const isTranscription =
    operation.endsWith('transcription_sessions') || memberOf(session, 'type') === 'transcription';
  return isTranscription ? valuesOf('model', body, 0) : [];
}

/** Returns the texts below a key, in any spelling of it, wherever they stand. */
function valuesOf(name: string, value: unknown, depth: number): string[] {
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return [];
  return Object.entries(value).flatMap(([key, one]) =>
    typeof one === 'string' && key.toLowerCase() === name ? [one] : valuesOf(name, one, depth + 1),
  );
}

function memberOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

/** What cannot be parsed names nothing that a backend could read. */
function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString().replace(/^\u{feff}/u, ''));
  } catch {
    return undefined;
  }
}

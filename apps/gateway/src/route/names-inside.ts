import { startOfText } from '../body/byte-order-mark.ts';
import { JsonCursor } from '../body/json-cursor.ts';
import { parseWithTwins } from '../body/parse-with-twins.ts';
import { valuesAt } from '../body/values-at.ts';
import { GatewayError } from '../errors.ts';
import { namesDeployment, OF_BASE_MODELS, STATELESS } from './operations.ts';

/** A request, as far as its body may name deployments besides its own. */
interface NamingRoute {
  readonly operation: string;
  readonly deploymentPlace?: { readonly in: string } | undefined;
  readonly content:
    { readonly body: Buffer; readonly model: { readonly name: string } | undefined } | undefined;
}

/** A session that only transcribes is for its transcription model, whatever else it names. */
const SESSIONS = /^realtime(?:api)?\/(?:(?:translations\/)?client_secrets|sessions|transcription_sessions)$/;
const MAX_DEPTH = 20;
/** In bytes, with every character escaped. */
const LONGEST_NAME = 6 * 256;

/**
 * Returns the deployments that a body names besides the one of its request: the embedding deployment of a chat about
 * one’s own data, that of a session that only transcribes, the further models of a request to Claude, and a name in the
 * body below a path with its own.
 */
export function namesInside({ operation, deploymentPlace, content }: NamingRoute): string[] {
  if (content === undefined) return [];
  const { body } = content;
  if (CLAUDE.test(operation)) return furtherModels(body);
  if (SESSIONS.test(operation)) return transcribing(operation, parsed(body));
  const isOther = deploymentPlace?.in === 'path' && !STATELESS.has(operation);
  const names = isOther && content.model !== undefined ? [content.model.name] : [];
  const mayName = CHATS.test(operation) && hasMember(body, DATA_SOURCES);
  return mayName ? [...names, ...textsOf(DEPLOYMENT, parsed(body), 0)] : names;
}

/**
 * Returns the deployments that a body names for later: for an agent, for the runs and graders of an evaluation, for a
 * memory store, for each request of a batch of Claude's.
 */
export function namesForLater({ operation, content }: NamingRoute): string[] {
  if (content === undefined || namesDeployment(operation) || OF_BASE_MODELS.test(operation)) return [];
  return textsOf(LATER, parsed(content.body), 0, OF_USERS);
}

/** `model`, `chat_model`, `deployment`, `model_deployment_name` …, and `fallbacks`, which may be a text. */
const LATER = /(?:^|_)model$|deployment(?:_?name)?$|^fallbacks$/i;
/** Keys of free text of users, and of schemas. */
const OF_USERS =
  /^(?:arguments|attributes|item|item_schema|metadata|parameters|properties|sample|schema|variables)$/i;

/** Returns whether the body of a request with its deployment in the path may name others. */
export function mayNameInside(operation: string): boolean {
  return CHATS.test(operation) || CLAUDE.test(operation) || !STATELESS.has(operation);
}

/** Returns whether a response is to come from an agent, which brings a deployment of its own. */
export function namesAgent({ operation, content }: NamingRoute): boolean {
  return operation === 'responses' && content !== undefined && hasMember(content.body, AGENTS);
}

const CHATS = /(?:^|\/)chat\/completions$/;
/** The keys under which a chat about one’s own data names its embedding deployment: today, and before 2024. */
const DATA_SOURCES = ['data_sources', 'datasources'];
/** Keys inside it: `deployment_name`, `deploymentName`, `embeddingDeploymentName`. */
const DEPLOYMENT = /^(?:embedding_?)?deployment_?name$/i;
const AGENTS = ['agent', 'agent_reference'];

/** Returns whether an object has one of some members, in any case; found without parsing. */
function hasMember(body: Buffer, lowerCase: readonly string[]): boolean {
  const cursor = new JsonCursor(body);
  cursor.at = startOfText(body);
  if (!cursor.passOpenBrace()) return false;
  while (cursor.passKey()) {
    if (lowerCase.some((name) => cursor.isKeyInAnyCase(name))) return true;
    cursor.passValue();
  }
  return false;
}

function transcribing(operation: string, body: unknown): string[] {
  const types = [body, ...valuesAt(body, 'session')].flatMap((session) => valuesAt(session, 'type'));
  const isTranscription = operation.endsWith('transcription_sessions') || types.includes('transcription');
  return isTranscription ? textsOf(MODEL, body, 0) : [];
}

const MODEL = /^model$/i;

const CLAUDE = /^messages(?:\/count_tokens)?$/;
/** The models that answer where the first one refuses, and the one that the advisor tool asks. */
const FURTHER = ['fallbacks', 'tools'];

/** A text instead of a list of fallbacks leaves their choice to the backend, so it counts as a name that none has. */
function furtherModels(body: Buffer): string[] {
  const models = membersOf(body, FURTHER).flatMap((one) => [one, ...valuesAt(one, 'model')]);
  return models.filter((model) => typeof model === 'string');
}

/** Returns the values of some members of an object, in any case. Only they are parsed, as prompts are long. */
function membersOf(body: Buffer, lowerCase: readonly string[]): unknown[] {
  const values: unknown[] = [];
  const cursor = new JsonCursor(body);
  cursor.at = startOfText(body);
  if (!cursor.passOpenBrace()) return values;
  while (cursor.passKey()) {
    const isWanted = lowerCase.some((name) => cursor.isKeyInAnyCase(name));
    const start = cursor.at;
    cursor.passValue();
    if (isWanted) values.push(parsed(body.subarray(start, cursor.at)));
  }
  return values;
}

/** Returns the texts below a key, in any case and at any place; a duplicate key has several. */
function textsOf(name: RegExp, value: unknown, depth: number, passed = NOWHERE): string[] {
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return [];
  if (Array.isArray(value)) return value.flatMap((one) => textsOf(name, one, depth + 1, passed));
  return Object.entries(value).flatMap(([key, one]) => {
    if (passed.test(key)) return [];
    const texts = name.test(key) ? [one].flat(MAX_DEPTH).filter((text) => typeof text === 'string') : [];
    return [...texts, ...textsOf(name, one, depth + 1, passed)];
  });
}

const NOWHERE = /(?!)/;

/** Invalid JSON names nothing that a backend could read. */
function parsed(body: Buffer): unknown {
  try {
    return parseWithTwins(body, LONGEST_NAME);
  } catch (error) {
    // It may be valid, and name anything.
    if (error instanceof GatewayError) throw error;
    return undefined;
  }
}

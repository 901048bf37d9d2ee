/** How an operation's answer is metered. */
export interface Metering {
  /** As written in the docs; `*` is one segment of a path, `**` any number. */
  readonly operation: string;
  readonly method: 'GET' | 'POST' | 'any';
  /**
   * Where an answer reports its usage: at its end, anywhere in it, repeatedly while it runs, in a later answer about
   * the same object, in the first answer about an object whose creation reported none, or nowhere.
   */
  readonly told: 'at-end' | 'anywhere' | 'running' | 'or-later' | 'of-earlier' | 'never';
  /** The basis of an estimate where the answer does not report its usage, or only part of it. */
  readonly estimate: 'text' | 'images' | 'speech' | 'recording' | 'nothing';
  /** The explanation in the docs. */
  readonly how: string;
}

/** Any other operation of a deployment. */
const OF_DEPLOYMENT = 'deployments/*/**';
/** Any other operation. */
const OTHERS = '**';
const TEXT = 'else a token for four bytes of what was relayed';

/** Every operation that uses tokens or is known to use none, the most specific first. */
export const meterings: readonly Metering[] = [
  {
    operation: 'chat/completions',
    method: 'POST',
    told: 'anywhere',
    estimate: 'text',
    how: `\`usage\`; streams are asked for it where the API version can; ${TEXT}`,
  },
  {
    operation: 'extensions/chat/completions',
    method: 'POST',
    told: 'anywhere',
    estimate: 'text',
    how: `\`usage\`, of Azure’s own data before 2024; ${TEXT}`,
  },
  {
    operation: 'completions',
    method: 'POST',
    told: 'anywhere',
    estimate: 'text',
    how: `\`usage\`; streams are asked for it where the API version can; ${TEXT}`,
  },
  {
    operation: 'embeddings',
    method: 'POST',
    told: 'at-end',
    estimate: 'nothing',
    how: '`usage`; there is no output',
  },
  {
    operation: 'images/embeddings',
    method: 'POST',
    told: 'at-end',
    estimate: 'nothing',
    how: '`usage`; there is no output',
  },
  {
    operation: 'responses',
    method: 'POST',
    told: 'or-later',
    estimate: 'text',
    how: `\`usage\`, of a stream that of its last event; in the background that of the first later answer that tells it; ${TEXT}`,
  },
  {
    operation: 'responses/compact',
    method: 'POST',
    told: 'anywhere',
    estimate: 'text',
    how: `\`usage\`; ${TEXT}`,
  },
  {
    operation: 'responses/input_tokens',
    method: 'POST',
    told: 'never',
    estimate: 'nothing',
    how: 'one request, no tokens: no model is asked',
  },
  {
    operation: 'responses/*',
    method: 'any',
    told: 'of-earlier',
    estimate: 'nothing',
    how: '`usage` of a response in the background, once, charged to the client that has created it; else one request, no tokens',
  },
  {
    operation: 'responses/*/cancel',
    method: 'POST',
    told: 'of-earlier',
    estimate: 'nothing',
    how: 'as `responses/*`',
  },
  {
    operation: 'messages',
    method: 'POST',
    told: 'running',
    estimate: 'text',
    how: `\`usage\`, with what was cached in the input; of a stream those of its first and last events; ${TEXT}`,
  },
  {
    operation: 'messages/count_tokens',
    method: 'POST',
    told: 'never',
    estimate: 'nothing',
    how: 'one request, no tokens: no model is asked',
  },
  {
    operation: 'moderations',
    method: 'POST',
    told: 'never',
    estimate: 'nothing',
    how: 'one request, no tokens: they are free',
  },
  ...['images/generations', 'images/edits', 'images/variations'].map((operation): Metering => ({
    operation,
    method: 'POST',
    told: 'anywhere',
    estimate: 'images',
    how: '`usage`; else 1,056 tokens an image, as DALL·E tells none',
  })),
  ...['audio/transcriptions', 'audio/translations'].map((operation): Metering => ({
    operation,
    method: 'POST',
    told: 'anywhere',
    estimate: 'recording',
    how: '`usage` in tokens; where it is in seconds 10 tokens a second; else a token for 1,600 bytes of the request',
  })),
  {
    operation: 'audio/speech',
    method: 'POST',
    told: 'anywhere',
    estimate: 'speech',
    how: '`usage` of a stream of events; else a token for 800 bytes of audio, for 2,400 where it is not compressed',
  },
  {
    operation: 'realtime',
    method: 'GET',
    told: 'running',
    estimate: 'text',
    how: `\`usage\` of each \`response.done\` and of each transcription, charged when it is told, where it is in seconds as 10 tokens a second; ${TEXT}, and for 3,200 characters of audio`,
  },
  ...['realtime/*', 'realtimeapi/*'].map((operation): Metering => ({
    operation,
    method: 'any',
    told: 'never',
    estimate: 'nothing',
    how: 'one request, no tokens. Calls that are opened so go past the gateway and are not metered',
  })),
  {
    operation: 'files',
    method: 'POST',
    told: 'never',
    estimate: 'nothing',
    how: 'one request, no tokens. Of a file for batches the lines are read: the models that they name, and the tokens that they may take',
  },
  {
    operation: 'chat/completions/*',
    method: 'any',
    told: 'never',
    estimate: 'nothing',
    how: 'one request, no tokens: a stored one tells again what it had taken',
  },
  {
    operation: OF_DEPLOYMENT,
    method: 'POST',
    told: 'anywhere',
    estimate: 'text',
    how: `any other that names a deployment: \`usage\`; ${TEXT}`,
  },
  {
    operation: OTHERS,
    method: 'POST',
    told: 'anywhere',
    estimate: 'nothing',
    how: 'passed through: `usage` if the answer tells it; else one request, no tokens',
  },
  {
    operation: OTHERS,
    method: 'any',
    told: 'never',
    estimate: 'nothing',
    how: 'passed through: one request, no tokens',
  },
];

const PASSED = meterings.at(-1) as Metering;
/** By method and operation. */
const exact = new Map<string, Map<string, Metering>>();
const patterns: { readonly metering: Metering; readonly pattern: RegExp }[] = [];
for (const metering of meterings) {
  const { operation, method } = metering;
  const ofMethod = exact.get(method) ?? new Map<string, Metering>();
  exact.set(method, ofMethod.set(operation, metering));
  const pattern = operation.replaceAll(/\*+/g, (stars) => (stars === '**' ? '.*' : '[^/]+'));
  patterns.push({ metering, pattern: new RegExp(`^${pattern}$`) });
}

/** Operations on a stored answer itself: its metadata are changed, or it is cancelled. */
const OF_STORED = /(?:^chat\/completions\/|\/runs\/)[^/]+$|\/cancel$/;

/** Returns whether an answer reports its own request's usage: reading a stored one again uses nothing. */
export function tellsOwnUsage(method: string, operation: string): boolean {
  return method === 'POST' && !(operation.includes('/') && OF_STORED.test(operation));
}

/**
 * Returns how an operation is metered.
 *
 * @param namesDeployment whether the request names a deployment, in its path or its body
 */
export function meteringOf(method: string, operation: string, namesDeployment = false): Metering {
  const ofMethod = exact.get(method);
  const found = ofMethod?.get(operation) ?? findPattern(method, operation);
  if (found.operation !== OTHERS || !namesDeployment) return found;
  return ofMethod?.get(OF_DEPLOYMENT) ?? found;
}

function findPattern(method: string, operation: string): Metering {
  const found = patterns.find(
    ({ metering, pattern }) =>
      (metering.method === 'any' || metering.method === method) && pattern.test(operation),
  );
  return found?.metering ?? PASSED;
}

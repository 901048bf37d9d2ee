import { scanJson } from './scan-json.ts';

/** POSTs that leave nothing behind on the backend. Any other may have made something there. */
const STATELESS =
  /^(?:chat\/completions|completions|embeddings|moderations|images\/(?:generations|edits|variations)|audio\/(?:transcriptions|translations|speech))$/;

const READS = ['GET', 'HEAD', 'OPTIONS'];

/** Answers whether a request may be sent to another backend although the first may have acted on it. */
export function isRepeatable(method: string, operation: string, body: Buffer | undefined): boolean {
  if (READS.includes(method) || STATELESS.test(operation)) return true;
  return method === 'POST' && operation === 'responses' && body !== undefined && isUnstored(body);
}

/** Responses are stored by default for 30 days; only an explicit `store: false` makes them stateless. */
function isUnstored(body: Buffer): boolean {
  const fields = scanJson(body, ['store', 'background']);
  const literal = (key: string) => {
    const range = fields.get(key);
    return range && body.toString('latin1', range.start, range.end);
  };
  return literal('store') === 'false' && literal('background') !== 'true';
}

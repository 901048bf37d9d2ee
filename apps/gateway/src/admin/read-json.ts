import type { IncomingMessage } from 'node:http';
import type { z } from 'zod';
import { AdminError } from './admin-error.ts';

/** Operators send only a name or two. */
const MAX_BYTES = 4096;

/**
 * Reads a small JSON body. An empty one counts as `{}`.
 *
 * @throws AdminError 413 or 400, which does not repeat what was sent; 400 also if the client leaves before its end
 */
export async function readJson<Schema extends z.ZodType>(
  request: IncomingMessage,
  schema: Schema,
): Promise<z.output<Schema>> {
  const parsed = schema.safeParse(parse(await readText(request).catch(explain)));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.join('.') || 'body';
  throw new AdminError(400, `The ${where} is wrong: ${issue?.code.replaceAll('_', ' ')}.`);
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES)
      throw new AdminError(413, `The body is more than ${MAX_BYTES} bytes.`, { connection: 'close' });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** A client that breaks off its body reads no response, but nothing has failed inside the gateway. */
function explain(error: unknown): never {
  throw error instanceof AdminError ? error : new AdminError(400, 'The body has no end.');
}

function parse(text: string): unknown {
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    throw new AdminError(400, 'The body is not JSON.');
  }
}

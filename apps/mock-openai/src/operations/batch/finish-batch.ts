import { randomUUID } from 'node:crypto';
import { nowSeconds } from '../../stored/stored-object.ts';
import { fileKind, makeFile } from '../file/file-kind.ts';
import { makeId } from '../make-id.ts';
import type { AskedAnswer, ObjectCall } from '../../calls/model-call.ts';
import type { ObjectBody } from '../../stored/stored-object.ts';
import type { BatchRequest } from './read-batch-lines.ts';

/**
 * Answers every request of a batch, and returns the batch's changes: good answers go to one file, the others to
 * another.
 */
export function finishBatch(requests: readonly BatchRequest[], call: ObjectCall): ObjectBody {
  const now = nowSeconds();
  const good: string[] = [];
  const failed: string[] = [];
  for (const request of requests) {
    const answer = call.ask(`/openai/v1/${request.path}`, { ...request.body, stream: false });
    (answer.status === 200 ? good : failed).push(resultLine(request.customId, answer));
  }
  return {
    status: 'completed',
    finalizing_at: now,
    completed_at: now,
    output_file_id: good.length === 0 ? null : writeFile(call, 'output', good),
    error_file_id: failed.length === 0 ? null : writeFile(call, 'error', failed),
    request_counts: { total: requests.length, completed: good.length, failed: failed.length },
  };
}

function resultLine(customId: string, { status, body }: AskedAnswer): string {
  return JSON.stringify({
    id: makeId('batch_req_'),
    custom_id: customId,
    response: { request_id: randomUUID(), status_code: status, body: JSON.parse(body) as unknown },
    error: null,
  });
}

function writeFile({ stored }: ObjectCall, name: string, lines: readonly string[]): string {
  const file = makeFile(`${name}.jsonl`, 'batch_output', Buffer.from(`${lines.join('\n')}\n`));
  stored.shelf(fileKind.path).put(file);
  return file.id;
}

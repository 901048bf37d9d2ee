import { beginRun, finishRun } from './finish-run.ts';
import { runKind } from './thread-kinds.ts';
import type { ObjectCall } from '../../calls/model-call.ts';
import type { StoredObject } from '../../stored/stored-object.ts';

/** Streams a run as named events, and keeps its new state. */
export function* runFrames(run: StoredObject, call: ObjectCall): Generator<string> {
  const shelf = call.stored.shelf(runKind.path);
  const begun = beginRun(run.body);
  shelf.put({ ...run, body: begun });
  yield frame('thread.run.created', run.body);
  yield frame('thread.run.queued', run.body);
  yield frame('thread.run.in_progress', begun);

  const finished = finishRun(begun, call);
  const { message, pieces } = finished;
  const empty = { ...message, status: 'in_progress', completed_at: null, content: [] };
  yield frame('thread.message.created', empty);
  yield frame('thread.message.in_progress', empty);
  for (const value of pieces) {
    const content = [{ index: 0, type: 'text', text: { value, annotations: [] } }];
    yield frame('thread.message.delta', {
      id: message['id'],
      object: 'thread.message.delta',
      delta: { content },
    });
  }
  yield frame('thread.message.completed', message);
  shelf.put({ ...run, body: finished.run });
  yield frame(`thread.run.${String(finished.run['status'])}`, finished.run);
  yield 'event: done\ndata: [DONE]\n\n';
}

function frame(name: string, body: object): string {
  return `event: ${name}\ndata: ${JSON.stringify(body)}\n\n`;
}

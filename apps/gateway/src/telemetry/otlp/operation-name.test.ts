import { expect, test } from 'vitest';
import { genAiOperation, operationName } from './operation-name.ts';

test.each([
  ['chat/completions', 'chat/completions'],
  ['responses/resp_abc/cancel', 'responses/{id}/cancel'],
  ['threads/t/runs/r/steps/s', 'threads/{id}/runs/{id}/steps/{id}'],
  ['responses/input_tokens', 'responses/input_tokens'],
  ['vector_stores/v/file_batches/b/files', 'vector_stores/{id}/file_batches/{id}/files'],
  ['uploads/u/complete', 'uploads/{id}/complete'],
  ['files/a/b/c/d/e/f/g/h', 'other'],
  ['files/batches/threads/runs', 'other'],
  ['what a secret', 'other'],
  ['', 'other'],
  [undefined, 'other'],
])('%s is called %s where names must be few', (operation, name) => {
  expect(operationName(operation)).toBe(name);
});

test.each([
  ['chat/completions', 'chat'],
  ['responses', 'chat'],
  ['completions', 'text_completion'],
  ['embeddings', 'embeddings'],
  ['audio/speech', 'audio/speech'],
])('%s is the GenAI operation %s', (operation, name) => {
  expect(genAiOperation(operation)).toBe(name);
});

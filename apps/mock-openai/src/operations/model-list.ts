import { knownModels } from './model-name.ts';
import type { ModelAnswer, ObjectCall } from '../calls/model-call.ts';
import type { ObjectOperation } from '../calls/operation.ts';

const models = knownModels.map((id) => ({
  capabilities: {
    fine_tune: false,
    inference: true,
    completion: id.endsWith('instruct'),
    chat_completion: id.startsWith('gpt') && !id.endsWith('instruct'),
    embeddings: id.startsWith('text-embedding'),
  },
  deprecation: { inference: 1_798_761_600 },
  id,
  created: 1_722_902_400,
  created_at: 1_722_902_400,
  updated_at: 1_722_902_400,
  lifecycle_status: 'generally-available',
  status: 'succeeded',
  object: 'model',
  owned_by: 'system',
}));

const listJson = JSON.stringify({ data: models, object: 'list' });

/** The models that a resource offers; Azure lists base models here, not deployments. */
export const modelOperations: readonly ObjectOperation[] = [
  { method: 'GET', path: 'models', answer: () => ({ kind: 'json', body: listJson }) },
  { method: 'GET', path: 'models/{id}', answer: getModel },
];

function getModel({ ids: [id = ''] }: ObjectCall): ModelAnswer {
  const model = models.find((one) => one.id === id);
  if (model !== undefined) return { kind: 'json', body: JSON.stringify(model) };
  const message = `The model '${id}' does not exist`;
  return { kind: 'invalid', status: 404, message, param: 'model', code: 'model_not_found' };
}

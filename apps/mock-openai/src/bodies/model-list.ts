import { knownModels } from './model-name.ts';

const generallyAvailable = { lifecycle_status: 'generally-available', status: 'succeeded', object: 'model' };

/** Answers the models that a resource offers; Azure lists base models here, not deployments. */
export function modelListJson(): string {
  return json;
}

const json = JSON.stringify({
  data: knownModels.map((id) => ({
    capabilities: {
      fine_tune: false,
      inference: true,
      completion: id.endsWith('instruct'),
      chat_completion: id.startsWith('gpt') && !id.endsWith('instruct'),
      embeddings: id.startsWith('text-embedding'),
    },
    deprecation: { inference: 1_798_761_600 },
    id,
    created_at: 1_722_902_400,
    updated_at: 1_722_902_400,
    ...generallyAvailable,
  })),
  object: 'list',
});

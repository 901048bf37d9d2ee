import { encodingOf } from '../tokens/encoding-of.ts';
import { modelName } from './model-name.ts';
import type { Encoding } from '../tokens/encoding-of.ts';

/** The properties of the model behind a deployment that a chat's answer depends on. */
export interface ChatModel {
  /** Its name, as JSON. */
  readonly json: string;
  readonly encoding: Encoding;
}

const cacheSize = 64;
const cache = new Map<string, ChatModel>();

/** Returns the model behind a deployment; deployments are few, so it is cached. */
export function chatModel(deployment: string): ChatModel {
  const known = cache.get(deployment);
  if (known !== undefined) return known;
  const json = JSON.stringify(modelName(deployment, 'gpt-4o-2024-08-06'));
  const model = { json, encoding: encodingOf(deployment, 'o200k_base') };
  if (cache.size >= cacheSize) cache.clear();
  cache.set(deployment, model);
  return model;
}

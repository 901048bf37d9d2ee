import type { Prompt } from '../prompt-cache/prompt.ts';
import type { CallSize } from '../quota/estimate-tokens.ts';
import type { ModelAnswer, ModelCall, ObjectCall, PromptCall } from './model-call.ts';

/** An operation of a deployment; it is always posted, and spends quota. */
export interface ModelOperation {
  /** The part of the path after the deployment, or after `/openai/v1/`. */
  readonly path: string;
  /** Whether the body names the deployment on the classic path too, which is then `/openai/` and `path`. */
  readonly namesModel?: boolean;
  /** Its name in Azure's texts. */
  readonly azureName: string;
  readonly answer: (call: ModelCall) => ModelAnswer;
  /** Reads how much a request's JSON, or the fields of its form, will spend of a quota. */
  readonly sizeOf: (body: Readonly<Record<string, unknown>>) => CallSize;
  /** Reads the prompt of an operation whose prompts are cached; undefined when the request has none. */
  readonly promptOf?: (call: PromptCall) => Prompt | undefined;
}

/** An operation of the resource itself, without a deployment and without a quota. */
export interface ObjectOperation {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** The part of the path after `/openai/` and `/openai/v1/`; `{id}` stands for any one segment. */
  readonly path: string;
  /** Whether the classic path answers 201 instead of 200. */
  readonly isCreatedOnClassic?: boolean;
  readonly answer: (call: ObjectCall) => ModelAnswer;
}

import type { Prompt } from '../prompt-cache/prompt.ts';
import type { CallSize } from '../quota/estimate-tokens.ts';
import type { ModelAnswer, ModelCall, ObjectCall, PromptCall } from './model-call.ts';

/** Something that a deployment can do; it is always posted, and spends quota. */
export interface ModelOperation {
  /** What follows the deployment, or `/openai/v1/`, in the path. */
  readonly path: string;
  /** Whether the body names the deployment on the classic path too, which is then `/openai/` and `path`. */
  readonly namesModel?: boolean;
  /** What Azure's texts call it. */
  readonly azureName: string;
  readonly answer: (call: ModelCall) => ModelAnswer;
  /** Reads what a request's JSON, or the fields of its form, will spend of a quota. */
  readonly sizeOf: (body: Readonly<Record<string, unknown>>) => CallSize;
  /** Reads the prompt, of an operation whose prompts are cached; undefined when the request has none. */
  readonly promptOf?: (call: PromptCall) => Prompt | undefined;
}

/** Something that the resource itself does, without a deployment and without a quota. */
export interface ObjectOperation {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** What follows `/openai/` and `/openai/v1/` in the path; `{id}` stands for any one segment. */
  readonly path: string;
  /** Whether the classic path answers 201 instead of 200. */
  readonly isCreatedOnClassic?: boolean;
  readonly answer: (call: ObjectCall) => ModelAnswer;
}

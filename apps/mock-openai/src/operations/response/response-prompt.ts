import { renderMessage, renderSchemas } from '../../prompt-cache/render-part.ts';
import { countChat } from '../../tokens/count-prompt.ts';
import { encodingOf } from '../../tokens/encoding-of.ts';
import { inputItems } from './input-items.ts';
import { responseKind } from './response-kind.ts';
import type { PromptCall } from '../../calls/model-call.ts';
import type { Prompt, PromptPart } from '../../prompt-cache/prompt.ts';
import type { ObjectBody } from '../../stored/stored-object.ts';
import type { StoredObjects } from '../../stored/stored-objects.ts';

/**
 * Reads the prompt of a response: the form of the answer, the tools, the instructions, earlier turns, and its input as
 * items.
 */
export function responsePrompt(
  { deployment, body, stored }: PromptCall,
  items: readonly ObjectBody[] = inputItems(body['input']),
): Prompt {
  const { instructions, tools, text, previous_response_id: previous } = body;
  const first = instructions === undefined ? [] : [{ content: instructions }];
  const encoding = encodingOf(deployment, 'o200k_base');
  const counts = countChat([...first, ...items].map(counted), tools, encoding);
  const earlier = earlierTokens(stored, previous);
  const render = () => {
    const asked = [...first, ...items].map((item, index) => renderItem(item, counts.ofMessages[index] ?? 0));
    const turns = renderEarlier(stored, previous, earlier);
    const before = renderSchemas([text, tools], counts.ofTools);
    return [before, ...asked.slice(0, first.length), turns, ...asked.slice(first.length)];
  };
  return { tokens: counts.tokens + earlier, render };
}

/** The input and output of an earlier response are part of the prompt again. */
function earlierTokens(stored: StoredObjects, previous: unknown): number {
  if (typeof previous !== 'string') return 0;
  const usage = stored.shelf(responseKind.path).get(previous)?.body['usage'];
  return (usage as { total_tokens?: number } | null | undefined)?.total_tokens ?? 0;
}

/** Writes the inputs and outputs of all earlier responses, oldest first. */
function renderEarlier(stored: StoredObjects, previous: unknown, tokens: number): PromptPart {
  const turns: string[] = [];
  for (let id = previous; typeof id === 'string';) {
    const response = stored.shelf(responseKind.path).get(id);
    if (response === undefined) break;
    const { output, previous_response_id: earlier } = response.body;
    const items = [...(response.inputs ?? []), ...(output as readonly ObjectBody[])];
    turns.push(items.map((item) => renderItem(item, 0).text).join(''));
    id = earlier;
  }
  return { text: turns.toReversed().join(''), tokens };
}

/** The mock numbers the objects it keeps; the model never reads these numbers. */
function renderItem(item: ObjectBody, tokens: number): PromptPart {
  return renderMessage({ ...item, id: undefined, status: undefined }, tokens);
}

/** A message counts by its author and text; anything else by everything that the mock has not numbered or sealed. */
function counted(item: ObjectBody): ObjectBody {
  const { role, content, type = 'message' } = item;
  if (type === 'message') return { role, content };
  return { ...item, id: undefined, status: undefined, encrypted_content: undefined };
}

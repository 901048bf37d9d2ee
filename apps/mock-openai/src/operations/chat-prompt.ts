import { renderMessage, renderSchemas } from '../prompt-cache/render-part.ts';
import { countChat } from '../tokens/count-prompt.ts';
import { chatModel } from './chat-model.ts';
import type { PromptCall } from '../calls/model-call.ts';
import type { Prompt } from '../prompt-cache/prompt.ts';

/** Reads the prompt of a chat: a schema for the answer, the tools, and the messages; undefined when there are none. */
export function chatPrompt({ deployment, body }: PromptCall): Prompt | undefined {
  const { messages, tools, response_format: format } = body;
  if (!Array.isArray(messages)) return undefined;
  const { tokens, ofTools, ofMessages } = countChat(messages, tools, chatModel(deployment).encoding);
  const render = () => [
    renderSchemas([format, tools], ofTools),
    ...messages.map((message, index) => renderMessage(message, ofMessages[index] ?? 0)),
  ];
  return { tokens, render };
}

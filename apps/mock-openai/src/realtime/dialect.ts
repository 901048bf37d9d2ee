/** How the preview's sessions and the generally available ones of v1 differ in their events. */
export interface Dialect {
  /** The events that announce a new item. */
  readonly itemAdded: string;
  /** The event that announces a finished item, where there is one. */
  readonly itemDone: string | undefined;
  /** The prefix of the events about a response's content. */
  readonly textEvents: string;
  readonly audioEvents: string;
  readonly transcriptEvents: string;
  /** The types of the parts of an assistant's message. */
  readonly textPart: string;
  readonly audioPart: string;
  /** The session's and a response's field for the form of the reply. */
  readonly modalitiesField: 'output_modalities' | 'modalities';
  /** The field that limits a reply. */
  readonly maxTokensField: 'max_output_tokens' | 'max_response_output_tokens';
}

/** The dialects by the path that speaks them: `/openai/realtime` and `/openai/v1/realtime`. */
export const dialects = {
  preview: {
    itemAdded: 'conversation.item.created',
    itemDone: undefined,
    textEvents: 'response.text',
    audioEvents: 'response.audio',
    transcriptEvents: 'response.audio_transcript',
    textPart: 'text',
    audioPart: 'audio',
    modalitiesField: 'modalities',
    maxTokensField: 'max_response_output_tokens',
  },
  v1: {
    itemAdded: 'conversation.item.added',
    itemDone: 'conversation.item.done',
    textEvents: 'response.output_text',
    audioEvents: 'response.output_audio',
    transcriptEvents: 'response.output_audio_transcript',
    textPart: 'output_text',
    audioPart: 'output_audio',
    modalitiesField: 'output_modalities',
    maxTokensField: 'max_output_tokens',
  },
} as const satisfies Readonly<Record<string, Dialect>>;

/** The name of a dialect. */
export type DialectName = keyof typeof dialects;

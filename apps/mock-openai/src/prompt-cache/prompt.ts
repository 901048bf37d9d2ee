/** A prompt as a cache sees it. */
export interface Prompt {
  readonly tokens: number;
  /** Writes it in the order in which a model reads it: prompts that begin alike have texts that begin alike. */
  readonly render: () => readonly PromptPart[];
}

/** A message of a prompt, or a part before the messages. */
export interface PromptPart {
  readonly text: string;
  readonly tokens: number;
}

/**
 * The place of a value in a body, as far as it matters to ids. Lists add nothing: their values are at the same place.
 */
export interface Place {
  /** The collection to which the ids at this place belong. */
  readonly collection?: string;
  /** Whether clients choose the names of objects there, so that these need not look like ids. */
  readonly isName?: true;
  /** The places below known keys. */
  readonly below?: Readonly<Record<string, Place>>;
  /** The place below keys of the client's own choice. */
  readonly belowAny?: Place;
}

/** Places without ids, whatever they look like: metadata, tools' arguments, headers and schemas, texts. */
export const ELSEWHERE: Place = {};

export const ITEM_TYPE: Place = {};
export const ITEM_ID: Place = {};
/** Content that only the resource that sealed it can read. */
export const SEALED: Place = {};

const FILE: Place = { collection: 'files' };
const STORE: Place = { collection: 'vector_stores' };
const ASSISTANT: Place = { collection: 'assistants' };
const RESPONSE: Place = { collection: 'responses' };
const VIDEO: Place = { collection: 'videos' };
const SKILLS: Place = { below: { skill_id: { collection: 'skills' } } };
/** An earlier audio answer that is referred to. */
const SOUND: Place = { below: { id: { collection: 'audio' } } };
const VOICE: Place = { below: { id: { collection: 'audio/voices' } } };
const MEMORY: Place = { collection: 'memory_stores', isName: true };
/** An agent of a project, by its name. */
const AGENT: Place = { below: { name: { collection: 'agents', isName: true } } };
const CONVERSATION: Place = { collection: 'conversations', below: { id: { collection: 'conversations' } } };

/** A part of a message or of a tool's output. */
const PART: Place = {
  below: { file_id: FILE, image_file: { below: { file_id: FILE } }, file: { below: { file_id: FILE } } },
};

/** The same in items of the Responses API, where single parts may be sealed. */
const ITEM_PART: Place = { below: { ...PART.below, encrypted_content: SEALED } };
const CONTAINER: Place = { collection: 'containers' };

/** Items of the Responses API. */
export const ITEMS: Place = {
  below: {
    type: ITEM_TYPE,
    id: ITEM_ID,
    encrypted_content: SEALED,
    content: ITEM_PART,
    output: ITEM_PART,
    container_id: CONTAINER,
    environment: { below: { container_id: CONTAINER } },
    approval_request_id: { collection: 'items' },
  },
};

/** The tools of the Responses API. */
const TOOLS: Place = {
  below: {
    vector_store_ids: STORE,
    memory_store_name: MEMORY,
    container: { collection: 'containers', below: { file_ids: FILE, skills: SKILLS } },
    environment: {
      below: { container_id: CONTAINER, file_ids: FILE, skills: SKILLS },
    },
    input_image_mask: PART,
  },
};

const RESPONSES: Place = {
  below: {
    input: ITEMS,
    previous_response_id: RESPONSE,
    conversation: CONVERSATION,
    tools: TOOLS,
    agent: AGENT,
    agent_reference: AGENT,
    prompt: { below: { id: { collection: 'prompts' }, variables: { belowAny: PART } } },
  },
};

const MESSAGE: Place = {
  below: { content: PART, attachments: { below: { file_id: FILE } }, file_ids: FILE },
};

const TOOL_RESOURCES: Place = {
  below: {
    code_interpreter: { below: { file_ids: FILE } },
    file_search: { below: { vector_store_ids: STORE, vector_stores: { below: { file_ids: FILE } } } },
  },
};

const THREAD: Place = { below: { messages: MESSAGE, tool_resources: TOOL_RESOURCES } };

const THREADS: Place = {
  below: {
    ...THREAD.below,
    ...MESSAGE.below,
    thread: THREAD,
    assistant_id: ASSISTANT,
    additional_messages: MESSAGE,
  },
};

const FILES: Place = { below: { file_id: FILE, file_ids: FILE, files: { below: { file_id: FILE } } } };

/** Content that Claude is shown: a file itself, or one in a tool's result. */
const SOURCE: Place = { below: { file_id: FILE } };
const BLOCK: Place = {
  below: {
    source: SOURCE,
    file_id: FILE,
    content: { below: { source: SOURCE, file_id: FILE, content: SOURCE } },
  },
};

/** The containers of Claude's code. They have no path of their own. */
const CLAUDES = 'messages/containers';

/** Claude's messages; and those of assistants, which are below their thread. */
const MESSAGES: Place = {
  below: {
    system: BLOCK,
    messages: { below: { content: BLOCK } },
    container: {
      collection: CLAUDES,
      below: { id: { collection: CLAUDES }, skills: SKILLS },
    },
  },
};

/** By the first segment of an operation: the places of ids in its request bodies, as the API documents them. */
const BODIES: Readonly<Record<string, Place>> = {
  chat: { below: { messages: { below: { content: PART, audio: SOUND } } } },
  audio: { below: { voice: VOICE, consent: { collection: 'audio/voice_consents' } } },
  messages: { below: { ...MESSAGES.below, requests: { below: { params: MESSAGES } } } },
  images: { below: { image: PART, images: PART, mask: PART } },
  responses: RESPONSES,
  conversations: { below: { items: ITEMS } },
  threads: THREADS,
  assistants: { below: { tool_resources: TOOL_RESOURCES, file_ids: FILE } },
  vector_stores: FILES,
  containers: { below: { ...FILES.below, skills: SKILLS } },
  batches: { below: { input_file_id: FILE } },
  fine_tuning: { below: { training_file: FILE, validation_file: FILE } },
  evals: { below: { data_source: { below: { source: { below: { id: FILE } } } } } },
  videos: {
    below: {
      input_reference: PART,
      video: { below: { id: VIDEO } },
      characters: { below: { id: { collection: 'videos/characters' } } },
    },
  },
};

/** A new operation is likely to have its ids at the same places as the others. */
const NEW_BODY: Place = {
  below: {
    ...THREADS.below,
    ...FILES.below,
    ...BODIES['batches']?.below,
    ...BODIES['fine_tuning']?.below,
    ...RESPONSES.below,
    vector_store_id: STORE,
    vector_store_ids: STORE,
    thread_id: { collection: 'threads' },
    definition: { below: { tools: TOOLS } },
  },
};

/** Returns the places of ids in the body of an operation's request. */
export function bodyOf(operation: string): Place {
  return BODIES[operation.split('/', 1)[0] ?? ''] ?? NEW_BODY;
}

/** Returns whether the places of ids in the body of an operation's request are documented. An evaluation's items have any. */
export function isKnownBody(operation: string): boolean {
  const [first = ''] = operation.split('/', 1);
  return first !== 'evals' && Object.hasOwn(BODIES, first);
}

/** All meaningful keys, by length, so that hardly any other key is compared with one. */
export const NAMES_BY_LENGTH: readonly string[][] = byLength([NEW_BODY, ...Object.values(BODIES)]);

function byLength(places: readonly Place[]): string[][] {
  const names: string[][] = [];
  for (const name of new Set(places.flatMap(namesIn))) (names[name.length] ??= []).push(name);
  return names;
}

function namesIn({ below = {}, belowAny }: Place): string[] {
  const named = Object.entries(below).flatMap(([name, place]) => [name, ...namesIn(place)]);
  return belowAny === undefined ? named : [...named, ...namesIn(belowAny)];
}

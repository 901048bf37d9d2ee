const overloaded = {
  message: 'The model is currently overloaded with other requests. Please try again later.',
  type: 'server_error',
};

/** The forms of an error within a stream: a chunk of its own, or a named event. */
export const errorForms = ['data', 'event'] as const;

/** The shapes of such an error: within `error`, or its fields alone. */
export const errorShapes = ['nested', 'flat'] as const;

/** An error event as a script describes it; Azure's usual one where the script does not. */
export interface StreamError {
  /** `data: {…}` by default, or `event: error` before it. */
  readonly form?: (typeof errorForms)[number];
  /** `{"error":{…}}` by default, or the error's fields alone. */
  readonly shape?: (typeof errorShapes)[number];
  readonly message?: string;
  readonly type?: string;
  readonly code?: string;
}

/** Writes the body of an error that comes after an answer has begun. */
export function errorEventJson({ shape, message, type, code }: StreamError): string {
  const error = {
    message: message ?? overloaded.message,
    type: type ?? overloaded.type,
    param: null,
    code: code ?? null,
  };
  return JSON.stringify(shape === 'flat' ? error : { error });
}

/** Writes the event that ends a stream in an error. */
export function errorEvent(error: StreamError): string {
  const name = error.form === 'event' ? 'event: error\n' : '';
  return `${name}data: ${errorEventJson(error)}\n\n`;
}

import type { Fields, ServerEvent } from './conversation.ts';

/** The problem with a client's event. */
export interface EventProblem {
  readonly message: string;
  readonly code: string;
  readonly param?: string;
}

/** Tells the client that its event was not accepted. */
export function errorEvent({ message, code, param }: EventProblem, event: Fields): ServerEvent {
  const { event_id = null } = event;
  return {
    type: 'error',
    error: { type: 'invalid_request_error', code, message, param: param ?? null, event_id },
  };
}

/** Tells the client that its event lacks a parameter. */
export function missingError(param: string, event: Fields): ServerEvent {
  const message = `Missing required parameter: '${param}'.`;
  return errorEvent({ message, code: 'missing_required_parameter', param }, event);
}

import type { AnswerError } from './answer-error.ts';

/*
 * Whose fault a 4xx is. A client's own mistake has a code that says so, or names a field of the request; every backend
 * would answer it alike. The others concern the resource, its region or its deployment, and another backend may do
 * better.
 */

/** The codes of v1 and of classic paths; elsewhere only the message tells. */
const MISSING_CODE = /^(?:DeploymentNotFound|ModelNotFound|unknown_model|model_not_found)$/i;
const MISSING =
  /\bAPI deployment\b.{0,300} does not exist|find an existing deployment|^the model [`'"].{1,300} does not exist/i;

const CLIENTS_CODE =
  /^(?:content_filter|content_policy_violation|ResponsibleAIPolicyViolation|context_length_exceeded|invalid_(?!request_error$)\w+|unsupported_(?:parameter|value)|unknown_parameter|missing_\w+|\w+_(?:above|below)_m\w+|previous_response_not_found)$/i;
/** The client chooses the version, and with it the features. */
const CLIENTS = /\bonly\b.{0,80}\bapi[- ]?versions?\b/i;

const CANNOT = String.raw`(?:(?:not (?:yet )?(?:currently )?|no longer )(?:enabled|available|supported|deployed|offered|served)|unavailable|unsupported|disabled|deactivated|paused|retired|deprecated|decommissioned|discontinued|sunset|shut ?down|end[- ]of[- ]life|at capacity|(?:cannot|can't|can not) be used)`;
const REGION = String.raw`(?:regions?|user location|in (?:the |this )?location|countr(?:y|ies)|territor(?:y|ies))`;
const REGIONAL = new RegExp(
  String.raw`\b${CANNOT}\b.{0,120}\b${REGION}\b|\b${REGION}\b.{0,120}\b${CANNOT}\b`,
  'i',
);
/**
 * The account behind the backend's key is refused, or has to be admitted first: no client can be blamed for that, even
 * where the refusal names the field that only others may use.
 */
const OF_ACCOUNT = new RegExp(
  [
    String.raw`(?:^(?:the |this )?|\b(?:your|current) )(?:organi[sz]ation|subscription|account|workspace|project|tenant)\b(?! (?:names?|ids?|header)\b).{0,160}\b(?:must|needs? to|has to|is|isn't|was|does not|doesn't|has|have|cannot|can't|lacks?)\b`,
    String.raw`\b(?:private|limited|gated) (?:preview|access)\b|\b(?:allow|white)-?list(?:ed)?\b.{0,60}\b(?:model|feature|subscription|preview)\b`,
    String.raw`\b(?:model|feature|deployment|preview)\b.{0,160}\b(?:requires?|after) (?:an? |prior )?(?:\w+ )?(?:registration|approval|verification|onboarding|allow-?listing)\b`,
  ].join('|'),
  'i',
);
const OF_RESOURCE = new RegExp(
  [
    String.raw`\b(?:model|deployment|resource|operation|feature|service|subscription|API|sku)\b.{0,160}\b${CANNOT}\b`,
    String.raw`\b${CANNOT}\b.{0,80}\b(?:this|your|the) (?:resource|subscription|account|deployment|sku|specified model)\b`,
    String.raw`\b(?:unsupported|invalid|unknown|no)\b.{0,20}\bapi[- ]?version\b|\bapi[- ]?version\b.{0,80}\b(?:${CANNOT}|invalid|unknown|not found)`,
    String.raw`\b(?:model|deployment|resource|endpoint)\b.{0,60}\b(?:does not|doesn't) support\b`,
    String.raw`\b(?:unexpected|unsupported|unknown|invalid)\b.{0,300}\bbeta[\`'"]? (?:headers?|flags?)\b`,
    String.raw`does not work with the specified model|\b(?:unknown|unsupported|unavailable|invalid) model\b|\bmodel not exists?\b`,
    String.raw`\b(?:model|deployment|resource|endpoint)\b.{0,60}\b(?:in (?:an? |the )?["'\`]?\w+["'\`]? state|state is|state:)`,
    String.raw`\bdoes not map to a resource\b|\b(?:unable|failed) to (?:get|find|load) (?:the )?(?:resource|model|deployment)\b`,
    String.raw`^(?:the )?(?:specified |requested )?(?:model|deployment|engine)\b.{0,300}\b(?:not found|does not exist|doesn't exist)`,
    String.raw`\b(?:resource|subscription|account)\b.{0,40}\b(?:no|not have) access\b`,
  ].join('|'),
  'i',
);
/** The backend cannot serve right now, or not until its owner has paid. */
const FOR_NOW = new RegExp(
  [
    String.raw`\bno healthy\b|\bupstream (?:connect|request|server|error)`,
    String.raw`\b(?:temporarily|currently) (?:unavailable|overloaded|loading)\b|\boverloaded\b`,
    String.raw`\bbeing (?:created|provisioned|updated|deployed)\b|\banother operation\b`,
    String.raw`\b(?:no|not enough|insufficient|out of)\b.{0,20}\bcapacity\b|\bquota\b.{0,40}\b(?:0|zero)\b`,
    String.raw`\b(?:service|filter)\b.{0,40}\b(?:timed out|failed to respond)\b|\breached\b.{0,40}\b(?:usage|spend(?:ing)?) limits?\b`,
    String.raw`\bbilling\b|\bcredit balance\b|\b(?:exceeded|insufficient|out of)\b.{0,40}\bquota\b`,
    String.raw`\b(?:resource|subscription|account|organization|workspace|project)\b.{0,40}\b(?:disabled|suspended|blocked|deactivated|terminated)\b`,
  ].join('|'),
  'i',
);
/** Codes of an account, of a deployment that is still being created, or of what a resource or region does not have. */
const OF_BACKEND_CODE =
  /^(?!(?:unsupported|invalid)_)(?:unavailable_\w+|\w*(?:subscription|account|organi[sz]ation|billing)\w*|\w*(?:model|deployment|resource)_?(?:provisioning_?)?state\w*|\w*(?:not_?(?:ready|active|available|enabled)|unavailable|(?:model|feature|operation)_?not_?supported|suspended|retired|decommissioned|disallowed\w*|disabled\w*|terms_required|no_?capacity|insufficient_?(?:quota|capacity)))$/i;
/** The message of a missing path, as opposed to a missing object. */
const NO_SUCH_PATH =
  /^(?:404:? )?(?:the )?(?:requested )?(?:resource|path|url|uri|route|page|endpoint|operation|api)?\s*(?:was |is |could |can)?not (?:be )?found\W*$/i;
const NO_SUCH_ROUTE =
  /\b(?:invalid|unknown request) url\b|\bno route matched\b|\bunable to match incoming request\b/i;
const NO_SUCH_MODEL = /^(?:the )?model\b.{1,300}\b(?:not found|does not exist)\b|^model: /i;

/** Returns whether the backend says that it does not have the deployment. */
export function saysDeploymentMissing(error: AnswerError): boolean {
  if (error.codes.some((code) => MISSING_CODE.test(code))) return true;
  return !isClients(error) && MISSING.test(error.message);
}

/** Returns whether a 400, 409 or 422 is about the backend rather than about the request. */
export function isOfBackend(error: AnswerError): boolean {
  const { message, codes } = error;
  if (OF_ACCOUNT.test(message)) return true;
  if (CLIENTS.test(message) || codes.some((code) => CLIENTS_CODE.test(code))) return false;
  if (REGIONAL.test(message)) return true;
  if (isClients(error)) return false;
  return (
    OF_RESOURCE.test(message) || FOR_NOW.test(message) || codes.some((code) => OF_BACKEND_CODE.test(code))
  );
}

/** Returns whether a 404 is about a path or model that this backend lacks, rather than about an object. */
export function isOfPath(error: AnswerError | undefined): boolean {
  if (error === undefined || error.message === '') return true;
  const isMissing = [NO_SUCH_PATH, NO_SUCH_ROUTE, NO_SUCH_MODEL].some((words) => words.test(error.message));
  return isMissing || error.codes.includes('unknown_url') || isOfBackend(error);
}

/** Returns whether an error is about a tool of the client's own, which failed or could not be reached. */
export function isOfConnector({ type, param, codes, message }: AnswerError): boolean {
  const isNamed = [type, ...codes].includes('external_connector_error') || param?.startsWith('tools');
  return isNamed === true || /\bMCP server\b/i.test(message);
}

/** Returns whether the request itself is at fault, judged by the error's code or the field that it names. */
export function isClients({ codes, param, message }: AnswerError): boolean {
  if (OF_ACCOUNT.test(message)) return false;
  return codes.some((code) => CLIENTS_CODE.test(code)) || (param !== undefined && param !== 'model');
}

const OPERATION =
  /\bdata action\b|\bephemeral\b|\bverif|(?:does not|doesn't|do not) have (?:access|permission)|not (?:allowed|permitted|authorized|entitled) to\b/i;
const OPERATION_CODE = /^(?:PermissionDenied|unsupported_\w+|model_not_allowed|insufficient_permissions)$/i;
const CREDENTIAL =
  /subscription key|\bapi[- ]?key|\bkey\b.{0,40}\bauthentication|API endpoint|virtual network|firewall|private (?:endpoint|link)|public (?:network )?access|\btoken\b|\baudience\b|\btenant\b|\b(?:resource|subscription|account)\b.{0,60}\b(?:blocked|disabled|suspended)/i;
const CREDENTIAL_CODE =
  /^(?:AuthenticationTypeDisabled|invalid_(?:api_key|token)|InvalidAuthenticationToken|SubscriptionKeyInvalid)$/i;

const KEY_INVALID =
  /\b(?:invalid|incorrect) (?:api|subscription) key\b|\b(?:api|subscription) key (?:is )?(?:not valid|invalid|expired)\b/i;

/** Returns whether an error says that the key was wrong, as some servers do in a 400. */
export function saysKeyInvalid({ codes, message }: AnswerError): boolean {
  return codes.some((code) => CREDENTIAL_CODE.test(code)) || KEY_INVALID.test(message);
}

const FORBIDDEN =
  /^(?:401|403|Unauthorized|Forbidden|PermissionDenied|authentication_error|permission_error)$/i;

/** Returns whether an error means the same as a 401 or 403, whatever status it came with. */
export function saysForbidden({ codes, type }: AnswerError): boolean {
  return [...codes, type].some((code) => FORBIDDEN.test(code) || CREDENTIAL_CODE.test(code));
}

/**
 * Returns what a 401 or 403 is about: the resource's credential or network, or an operation, model or user; undefined
 * where it does not say.
 */
export function subjectOf(error: AnswerError | undefined): 'credential' | 'operation' | undefined {
  if (error === undefined) return undefined;
  const { codes, message } = error;
  if (OPERATION.test(message)) return 'operation';
  if (codes.some((code) => CREDENTIAL_CODE.test(code)) || CREDENTIAL.test(message)) return 'credential';
  return codes.some((code) => OPERATION_CODE.test(code)) ? 'operation' : undefined;
}

const QUOTA_SPENT =
  /\bout of\b.{0,40}\bquota\b|\bquota\b.{0,60}\b(?:exceeded|exhausted|replenished)\b|\bexceeded\b.{0,60}\bquota\b/i;

/** Returns whether a 403 is about a spent quota, which API Management has beside its rate limits. */
export function saysQuotaSpent(error: AnswerError | undefined): boolean {
  return error !== undefined && QUOTA_SPENT.test(error.message);
}

/** Returns whether a refusal is about the key or token that was sent, and not about keys or networks as such. */
export function isOfKey(error: AnswerError | undefined): boolean {
  if (error === undefined || error.codes.includes('AuthenticationTypeDisabled')) return false;
  return /key|token/i.test([error.message, ...error.codes].join());
}

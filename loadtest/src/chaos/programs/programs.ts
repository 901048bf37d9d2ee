import { answers } from './answers/answers.ts';
import { backends } from './backends/backends.ts';
import { clients } from './clients/clients.ts';
import type { OwnProgram, Program } from './program.ts';
import { requests } from './requests/requests.ts';
import { sessions } from './sessions/sessions.ts';
import { slow } from './slow/slow.ts';

/** All programs, in the order in which they run. */
export const programs: readonly (Program | OwnProgram)[] = [
  requests,
  answers,
  backends,
  sessions,
  slow,
  clients,
];

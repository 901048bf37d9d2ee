import * as units from '@grafana/grafana-foundation-sdk/units';
import { tokenColours } from '../colours.ts';
import { graph } from '../panels.ts';
import { sumRate } from '../queries.ts';
import type { Row } from './row.ts';

/** Quotas are per minute. */
const perMinute = (labels: string, matchers?: string, metric = 'spillway_tokens_total') =>
  `60 * ${sumRate(metric, labels, matchers)}`;

/** Cached tokens are part of the prompt, and reasoning ones of the completion. */
const ALL = 'kind=~"prompt|completion"';

export const tokens: Row = {
  title: 'How many tokens?',
  panels: [
    graph({
      title: 'Tokens per minute, by kind',
      description:
        'As answers tell them. Cached tokens are part of the prompt, and reasoning ones of the completion.',
      width: 'third',
      unit: units.Short,
      queries: { '{{kind}}': perMinute('kind') },
      colours: tokenColours,
    }),
    graph({
      title: 'Tokens per minute, by backend',
      description: 'Tokens of prompts and completions.',
      width: 'third',
      unit: units.Short,
      queries: { '{{backend}}': perMinute('backend', ALL) },
      isStacked: true,
    }),
    graph({
      title: 'Tokens per minute, by deployment',
      description: 'Tokens of prompts and completions, by the deployment as clients call it.',
      width: 'third',
      unit: units.Short,
      queries: { '{{deployment}}': perMinute('deployment', ALL) },
      isStacked: true,
    }),
    graph({
      title: 'Estimated tokens per minute',
      description:
        'What requests were estimated to take before they were sent. Completion is the most that they allow, so it may be far above what answers tell.',
      width: 'half',
      unit: units.Short,
      queries: { '{{kind}}': perMinute('kind', '', 'spillway_estimated_tokens_total') },
      colours: tokenColours,
    }),
    graph({
      title: 'Answers that did not tell their tokens',
      description:
        'Successful answers without usage, such as streams that were not asked for it. Their tokens are not counted above.',
      width: 'half',
      unit: units.RequestsPerSecond,
      queries: { '{{deployment}}': sumRate('spillway_answers_without_usage_total', 'deployment') },
      isStacked: true,
    }),
  ],
};

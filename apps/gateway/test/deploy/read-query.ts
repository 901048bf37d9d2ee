import { parser } from '@prometheus-io/lezer-promql';

/** A condition on a label in PromQL. */
export interface Matcher {
  readonly label: string;
  readonly operator: string;
  readonly value: string;
}

/** The names in a query. */
export interface QueryNames {
  readonly selectors: readonly { readonly metric: string; readonly matchers: readonly Matcher[] }[];
  /** The labels by which it groups. */
  readonly labels: readonly string[];
}

/** Returns the names in a query, according to Prometheus' own grammar; throws an Error if it is invalid. */
export function readQuery(text: string): QueryNames {
  const tree = parser.parse(text);
  const selectors: { metric: string; matchers: Matcher[] }[] = [];
  const labels: string[] = [];
  tree.iterate({
    enter: ({ type, node }) => {
      const own = text.slice(node.from, node.to);
      if (type.isError) throw new Error(`this is no PromQL at ${node.from}: ${text}`);
      if (type.name === 'VectorSelector') {
        const metric = node.getChild('Identifier');
        selectors.push({ metric: metric === null ? '' : text.slice(metric.from, metric.to), matchers: [] });
      }
      if (type.name === 'UnquotedLabelMatcher') {
        const [, label = '', operator = '', value = ''] =
          /^(\w+)\s*(=~|!~|!=|=)\s*(?:"(.*)"|'(.*)')$/.exec(own) ?? [];
        selectors.at(-1)?.matchers.push({ label, operator, value });
      }
      if (type.name === 'GroupingLabels') labels.push(...own.replaceAll(/[()\s]/g, '').split(','));
    },
  });
  return { selectors, labels };
}

/** Returns whether a label's value meets a condition. */
export function isMatch({ operator, value }: Matcher, actual = ''): boolean {
  const isEqual = operator.endsWith('~') ? new RegExp(`^(?:${value})$`).test(actual) : actual === value;
  return operator.startsWith('!') ? !isEqual : isEqual;
}

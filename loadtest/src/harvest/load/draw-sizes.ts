import { drawBetween, type Random } from '@spillway/simulation';

/** One kind of request: how many of twenty are of it, and what it is charged. */
interface SizeClass {
  readonly ofTwenty: number;
  readonly leastTokens: number;
  readonly mostTokens: number;
}

/** Small and huge: 557 tokens on average, so that a backend runs out of tokens long before it runs out of requests. */
const sizeMix: readonly SizeClass[] = [
  { ofTwenty: 15, leastTokens: 60, mostTokens: 300 },
  { ofTwenty: 4, leastTokens: 800, mostTokens: 1_500 },
  { ofTwenty: 1, leastTokens: 3_000, mostTokens: 4_500 },
];

/**
 * Draws what request after request is charged. Like cards: of every twenty in a row the mix is exact and the order is
 * not, so that a load is what it says it is within a minute.
 */
export function* drawSizes(random: Random): Generator<number, never> {
  for (;;) {
    const deck = sizeMix.flatMap((one) => Array.from({ length: one.ofTwenty }, () => one));
    while (deck.length > 0) {
      const [card] = deck.splice(drawBetween(random, 0, deck.length - 1), 1);
      if (card !== undefined) yield drawBetween(random, card.leastTokens, card.mostTokens);
    }
  }
}

import { drawBetween, type Random } from '@spillway/simulation';

/** One kind of request: its number among twenty, and its charge. */
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
 * Draws the charges of consecutive requests. As with cards, the mix of every twenty in a row is exact and the order is
 * random, so that a load is accurate within a minute.
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

declare module 'parse-prometheus-text-format' {
  /** A metric as the parser returns it; numbers are texts. */
  interface ParsedFamily {
    readonly name: string;
    readonly metrics: readonly {
      readonly labels?: Readonly<Record<string, string>>;
      readonly value?: string;
    }[];
  }
  export default function parse(text: string): ParsedFamily[];
}

/** The answer to a request, before it is known how it is sent. */
export type Answer =
  | {
      readonly kind: 'whole';
      readonly status: number;
      /** The reason phrase, where Azure's is not the usual one. */
      readonly reason?: string;
      /** Names and values in turn, without `Content-Length`. */
      readonly headers: readonly string[];
      readonly body: string | Buffer;
    }
  | {
      readonly kind: 'stream';
      readonly headers: readonly string[];
      /**
       * Server-sent events, each with its blank line, made one at a time; numbers are milliseconds to wait between
       * them.
       */
      readonly frames: Iterable<string | number>;
    };

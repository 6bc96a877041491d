/**
 * Replaces `@smithy/core/event-streams` in the functions' bundles. Of all requests of S3 and DynamoDB, only S3 Select
 * has a stream of events as its response, and no function uses it. The module is 15 KB. Because the SDK imports it only
 * when it is needed, esbuild would keep everything that it imports: 20 KB of a bundle, and a twelfth of the time that
 * it takes to load.
 */

/** The clients' constructors call this; there is no marshaller to create. */
export function resolveEventStreamSerdeConfig<Config>(config: Config): Config {
  return config;
}

export function eventStreamSerdeProvider(): never {
  throw new Error(
    'The functions are bundled without event streams; take their alias out of constructs/bundle/build.ts.',
  );
}

export const EventStreamSerde = eventStreamSerdeProvider;

/**
 * What the functions' bundles have in place of `@smithy/core/event-streams`. Of all requests that S3 and DynamoDB know
 * only S3 Select's answers with a stream of events, and no function makes it. The module is 15 KB, and because the SDK
 * imports it when it needs it, esbuild would keep all that it imports whole: 20 KB of a bundle, and a twelfth of the
 * time in which it loads.
 */

/** As the clients' constructors call it: there is no marshaller to be made. */
export function resolveEventStreamSerdeConfig<Config>(config: Config): Config {
  return config;
}

export function eventStreamSerdeProvider(): never {
  throw new Error(
    'The functions are bundled without event streams; take their alias out of constructs/bundle/build.ts.',
  );
}

export const EventStreamSerde = eventStreamSerdeProvider;

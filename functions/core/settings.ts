import { ConfigurationError, InvalidInputError } from './errors.ts';

/**
 * A setting of the function's environment.
 * @throws ConfigurationError when it is not set.
 */
export function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') {
    throw new ConfigurationError(
      `The function's environment variable ${name} is not set; deploy the stack again.`,
    );
  }
  return value;
}

/**
 * A setting that is a whole number, zero or more.
 * @throws ConfigurationError when it is not.
 */
export function countSetting(name: string): number {
  const value = setting(name);
  if (!/^\d+$/.test(value)) {
    throw new ConfigurationError(
      `The function's environment variable ${name} is ${value}, not a whole number.`,
    );
  }
  return Number(value);
}

/**
 * As {@link countSetting}, but undefined where it is not set.
 * @throws ConfigurationError when it is set and no whole number.
 */
export function optionalCountSetting(name: string): number | undefined {
  return process.env[name] === undefined ? undefined : countSetting(name);
}

/**
 * Checks that a source lies in the pipeline's own bucket, so that no event can turn a function on another one.
 * @throws InvalidInputError when it does not.
 */
export function assertOwnBucket(bucket: string): void {
  const own = setting('SOURCE_BUCKET');
  if (bucket !== own) {
    throw new InvalidInputError(
      `The input names the bucket ${bucket}, and this pipeline reads from ${own} alone. Upload the file there.`,
    );
  }
}

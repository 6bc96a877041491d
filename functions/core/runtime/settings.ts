/**
 * A function's settings: `constructs/` writes them into its environment variables, and the function reads them here.
 */

import * as z from 'zod/mini';
import { ConfigurationError } from '../errors.ts';
import type { Manifest, SettingSchemas, SettingsOf } from './manifest.ts';

/** A non-empty string, such as a bucket's name. */
export const name = z.string().check(z.minLength(1));

/** A whole number, zero or more. */
export const count = z.int().check(z.nonnegative());

/** Writes per second of a whole execution; undefined for as many as the table accepts. */
export const writeRate = z.optional(z.int().check(z.minimum(1)));

/** A string for each dataset, by dataset name. */
export const byDataset = z.record(z.string(), z.string());

/** Settings that every function has. */
export const COMMON_SETTINGS = { sourceBucket: name, ledgerTable: name } as const;

export type CommonSettings = SettingsOf<{
  settings: typeof COMMON_SETTINGS;
  capabilities: [];
  throws: [];
}>;

/** Name of the environment variable that holds a setting: `MAX_CHUNKS` for `maxChunks`. */
export function variableName(setting: string): string {
  return setting.replaceAll(/[A-Z]/g, '_$&').toUpperCase();
}

/** The schemas of all settings of a function. */
export function schemasOf({ settings, environment }: Manifest): SettingSchemas {
  return { ...COMMON_SETTINGS, ...settings, ...environment };
}

/** The environment variables for the given settings: strings as they are, other values as JSON. */
export function toVariables(
  schemas: SettingSchemas,
  values: Readonly<Record<string, unknown>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.keys(schemas).flatMap((setting) => {
      const value = values[setting];
      if (value === undefined) return [];
      return [[variableName(setting), typeof value === 'string' ? value : JSON.stringify(value)]];
    }),
  );
}

/**
 * Reads a function's settings from its environment variables.
 * @throws ConfigurationError when a variable is missing or invalid; it names the first one.
 */
export function readSettings<const M extends Manifest>(
  manifest: M,
  variables: Readonly<Record<string, string | undefined>>,
): SettingsOf<M> & CommonSettings {
  const entries = Object.entries(schemasOf(manifest)).map(([setting, schema]) => [
    setting,
    readSetting(variableName(setting), schema, variables[variableName(setting)]),
  ]);
  // Each setting has been checked against its schema, which the compiler cannot follow through Object.entries.
  return Object.fromEntries(entries);
}

function readSetting(variable: string, schema: z.ZodMiniType, text: string | undefined): unknown {
  for (const value of text === undefined ? [undefined] : [text, ...parsedJson(text)]) {
    const { success, data } = schema.safeParse(value);
    if (success) return data;
  }
  throw new ConfigurationError(
    text === undefined
      ? `The function's environment variable ${variable} is not set. Deploy the stack again.`
      : `The function's environment variable ${variable} is ${JSON.stringify(text)}, which is invalid. Deploy the stack again.`,
  );
}

/** A list with the parsed value; empty when the text is not JSON. */
function parsedJson(text: string): readonly unknown[] {
  try {
    return [JSON.parse(text)];
  } catch {
    return [];
  }
}

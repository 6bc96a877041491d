import { DecompressionError } from '../errors.ts';

/** The error about a compressed file that is damaged. */
export function damaged(name: string, problem: string, cause?: unknown): DecompressionError {
  return new DecompressionError(
    `${name} cannot be decompressed: ${problem.replace(/\.$/, '')}. Compress the file again and upload it.`,
    { cause },
  );
}

/** Bytes that are decompressed at a time. */
export const PIECE_BYTES = 64 * 1024;

/** Whether an error is about the bytes that zlib was given. */
export function isZlibError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'code' in error && /^Z(STD)?_/.test(String(error.code));
}

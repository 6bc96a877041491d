/** Detects the format of a file from its first bytes and its header. */

import { refuseDocuments } from '../container/signatures.ts';
import type { Dataset } from '../dataset/dataset.ts';
import { HeaderError } from '../errors.ts';
import type { Format } from '../messages.ts';
import type { StoredFile } from '../storage/stored-file.ts';
import { isPlain, isRewritten } from './encoding.ts';
import { type MatchedHeader, matchHeader } from './header/match.ts';
import { type Header, readHeader } from './header.ts';
import { refuseReport } from './report-columns.ts';
import { detectCoding, firstBytes, readText } from './text.ts';

/**
 * Returns the format of a file and its header.
 * @throws HeaderError when the file is empty, its header does not match the dataset, or it is the report of a file of which
 * nothing was loaded.
 * @throws NotCsvError when the file is of another kind.
 * @throws DecompressionError when the file is compressed and the part that is read is damaged.
 */
export async function detectFormat(
  file: StoredFile,
  dataset: Dataset,
): Promise<{ readonly format: Format; readonly header: Header }> {
  const [likeliest, ...others] = dataset.encodings;
  const coding = await detectCoding(file, likeliest);
  const isLikeliest = coding.encoding === likeliest && !isRewritten(likeliest);
  const options = {
    dataset,
    delimiters: dataset.delimiters,
    encodings: isLikeliest ? [likeliest, ...others] : ['utf-8'],
  };
  let header: Header;
  let matched: MatchedHeader;
  try {
    header = await readHeader(readText(file, coding), options, file.name);
    refuseReport(header.fields, file.name, dataset.load.maxRemoved !== undefined);
    const { fields, hint } = header;
    // A header that ends with a delimiter too many has a name for no field.
    const names = fields.slice(0, Math.min(fields.length, header.width));
    matched = matchHeader(names, dataset, file.name, hint);
  } catch (error) {
    if (error instanceof HeaderError) refuseDocuments(await firstBytes(readText(file, coding)), file.name);
    throw error;
  }
  const { columns, ignored, warnings } = matched;
  const { width, isPadded } = header;
  const format: Format = {
    ...dataset.quoting,
    dataset: dataset.name,
    compression: coding.compression,
    encoding: isRewritten(coding.encoding) ? coding.encoding : header.encoding,
    size: isPlain(coding) ? file.size : 0,
    delimiter: header.delimiter,
    width,
    isPadded,
    columns,
    headerEnd: header.end,
    headerLines: header.lines,
    ignored,
    warnings: [...warnings, ...widthWarnings(header)],
  };
  return { format, header };
}

function widthWarnings({ fields, width, isPadded }: Header): string[] {
  if (isPadded) return ['Each row ends with a delimiter that the header lacks; it is left out.'];
  return width < fields.length
    ? ['The header ends with a delimiter that the rows lack; it is left out.']
    : [];
}

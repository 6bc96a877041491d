/** Detects the format of a file from its first bytes and its header. */

import type { Dataset } from '../dataset/dataset.ts';
import type { Format } from '../messages.ts';
import { isRewritten } from './encoding.ts';
import { type Header, matchHeader, readHeader } from './header.ts';
import { refuseReport } from './report-columns.ts';
import { detectCoding, isPlain, readText, type StoredFile } from './text.ts';

/**
 * Returns the format of a file and its header.
 * @throws HeaderError when the file is empty, its header does not match the dataset, or it is the report of a file of which
 * nothing was loaded.
 * @throws DecompressionError when the file is compressed and the part that is read is damaged.
 */
export async function detectFormat(
  file: StoredFile,
  dataset: Dataset,
): Promise<{ readonly format: Format; readonly header: Header }> {
  const [likeliest, ...others] = dataset.encodings;
  const coding = await detectCoding(file, likeliest);
  const header = await readHeader(
    readText(file, coding),
    {
      dataset,
      delimiters: dataset.delimiters,
      quoting: dataset.quoting,
      encodings:
        coding.encoding === likeliest && !isRewritten(likeliest) ? [likeliest, ...others] : ['utf-8'],
    },
    file.name,
  );
  refuseReport(header.fields, file.name);
  const { columns, ignored } = matchHeader(header.fields, dataset, file.name);
  const format: Format = {
    ...dataset.quoting,
    dataset: dataset.name,
    compression: coding.compression,
    encoding: isRewritten(coding.encoding) ? coding.encoding : header.encoding,
    size: isPlain(coding) ? file.size : 0,
    delimiter: header.delimiter,
    width: header.fields.length,
    columns,
    headerEnd: header.end,
    headerLines: header.lines,
    ignored,
  };
  return { format, header };
}

/** Files that are not CSV, recognized by their first bytes. */

import { NotCsvError } from '../errors.ts';

/** Bytes from which every kind is recognized: those of tar are at 257. */
export const SIGNATURE_BYTES = 512;

const SAVE = 'Save it as CSV UTF-8 in the program that made it, and upload that.';
const EXPORT = 'Export its rows as CSV and upload that.';
const COMPRESS = 'Compress the CSV file with gzip, zstd or zip instead.';
const IMAGE = 'Upload a CSV file.';
const EXTRACT = 'Upload the CSV files in it one by one.';

/**
 * What each kind begins with, one character a byte, what it is, what to do, and where its bytes are unless at 0.
 * Sources: the kinds' specifications, as collected in the magic files of file(1).
 */
const SIGNATURES: readonly (readonly [
  beginnings: readonly string[],
  what: string,
  advice: string,
  position?: number,
])[] = [
  [['\xff\xfe\0\0', '\0\0\xfe\xff'], 'text in UTF-32', 'Save it as UTF-8.'],
  [['\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'], 'an Excel workbook (.xls) or another old Office file', SAVE],
  [['PAR1'], 'a Parquet file', EXPORT],
  [['Obj\x01'], 'an Avro file', EXPORT],
  [['ORC\n', 'ORC\b', 'ORC\x11', 'ORC\x12'], 'an ORC file', EXPORT],
  [['ARROW1\0', 'FEA1'], 'an Arrow file', EXPORT],
  [['SQLite format 3\0'], 'an SQLite database', EXPORT],
  [['%PDF-'], 'a PDF document', EXPORT],
  [['\x89PNG\r\n', '\xff\xd8\xff', 'GIF87a', 'GIF89a', 'II*\0', 'MM\0*'], 'an image', IMAGE],
  [['{\\rtf'], 'an RTF document', SAVE],
  [['ustar'], 'a tar archive', EXTRACT, 257],
  [['7z\xbc\xaf\x27\x1c'], 'a 7z archive', EXTRACT],
  [['Rar!\x1a\x07'], 'a RAR archive', EXTRACT],
  [['\xfd7zXZ\0'], 'compressed with xz', COMPRESS],
  [['\x04\x22\x4d\x18'], 'compressed with LZ4', COMPRESS],
  [['\x1f\x9d', '\x1f\xa0'], 'compressed with compress (.Z)', COMPRESS],
];

/** The same for kinds that a few bytes do not prove. */
const PATTERNS: readonly (readonly [pattern: RegExp, what: string, advice: string])[] = [
  // A zip archive whose first file has such a name.
  [
    /^PK.{28}(?:\[Content_Types\]\.xml|_rels\/|docProps\/|xl\/)/s,
    'an Excel workbook (.xlsx) or another Office file',
    SAVE,
  ],
  [/^PK.{28}mimetypeapplication\/vnd\.oasis/s, 'an OpenDocument file', SAVE],
  [/^BZh[1-9](?:1AY&SY|.rE8P)/, 'compressed with bzip2', COMPRESS],
  [
    /^(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html)[\s>]/i,
    'a web page (HTML)',
    `It may be an error message instead of the download. ${EXPORT}`,
  ],
  [/^(?:\xef\xbb\xbf)?\s*<\?xml\s/i, 'an XML document', EXPORT],
  [/^RIFF.{4}WEBP/s, 'an image', IMAGE],
  [/^(?:[^\0]\0{3}){4}|^(?:\0{3}[^\0]){4}/, 'text in UTF-32', 'Save it as UTF-8.'],
  [
    /^version https:\/\/git-lfs\.github\.com\/spec\//,
    'a pointer of Git LFS',
    'Fetch the file with git lfs pull, and upload that.',
  ],
];

/** The same for documents with whose beginning a CSV file may begin, too, so this says nothing of a valid one. */
const DOCUMENTS: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/^(?:\xef\xbb\xbf)?\s*(?:\{\s*(?:"|\}\s*$)|\[\s*[[{"\]\d-])/, 'JSON'],
  [/^(?:\xef\xbb\xbf)?\s*<[a-z!][^<>]*>\s*</i, 'an XML or HTML document'],
];

/**
 * Refuses a file that is certainly not CSV.
 * @param first the first {@link SIGNATURE_BYTES}, after decompression.
 * @throws NotCsvError that says what it is, and what to do.
 */
export function refuseOtherFiles(first: Buffer, name: string): void {
  const text = first.toString('latin1', 0, SIGNATURE_BYTES);
  const [, what, advice] =
    SIGNATURES.find(([beginnings, , , position = 0]) =>
      beginnings.some((beginning) => text.startsWith(beginning, position)),
    ) ??
    PATTERNS.find(([pattern]) => pattern.test(text)) ??
    [];
  if (what !== undefined) throw new NotCsvError(`${name} is ${what}, not CSV. ${advice}`);
}

/**
 * Refuses JSON, XML and HTML. To be called only for text that is not valid as CSV, or whose columns are not known.
 * @throws NotCsvError when the text begins like such a document.
 */
export function refuseDocuments(first: Buffer, name: string): void {
  const text = first.toString('latin1', 0, SIGNATURE_BYTES);
  const [, what] = DOCUMENTS.find(([pattern]) => pattern.test(text)) ?? [];
  if (what !== undefined) throw new NotCsvError(`${name} is ${what}, not CSV. ${EXPORT}`);
}

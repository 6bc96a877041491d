/**
 * The first code in each bundle: makes stack traces name the lines of the TypeScript files. Node's own option
 * `--enable-source-maps` parses the source map whenever the code is loaded, which takes a fifth of a cold start. Here
 * it is read with the first stack trace.
 */

import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';

let sourceMap: SourceMap | undefined;

function located(call: NodeJS.CallSite): string {
  const text = String(call);
  const [line, column] = [call.getLineNumber(), call.getColumnNumber()];
  if (call.getFileName() !== __filename || line === null || column === null) return text;
  sourceMap ??= new SourceMap(JSON.parse(readFileSync(`${__filename}.map`, 'utf8')));
  const origin = sourceMap.findOrigin(line, column);
  if (!('fileName' in origin)) return text;
  return text.replace(
    `${__filename}:${line}:${column}`,
    `${origin.fileName}:${origin.lineNumber}:${origin.columnNumber}`,
  );
}

Error.prepareStackTrace = (error, calls) => {
  const lines = calls.map((call) => {
    try {
      return located(call);
    } catch {
      // Without the source map, a stack trace is hard to read; without any, an error is harder to find.
      return String(call);
    }
  });
  return [Error.prototype.toString.call(error), ...lines].join('\n    at ');
};

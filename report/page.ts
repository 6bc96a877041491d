/** Writes the report of a run as one self-contained HTML file, which needs no network. */

import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { drawSvg } from './graph/draw.ts';
import { OWNER_ONLY, ownerOnlyFolder } from './owner-only.ts';
import type { RunRecord } from './record/run-record.ts';

const folder = join(import.meta.dirname, 'page');

/** Writes the page of a run, and creates its folder. Only their owner can read them. */
export async function writePage(run: RunRecord, file: string): Promise<void> {
  const html = await pageOf(run);
  await ownerOnlyFolder(dirname(file));
  await writeFile(file, html, OWNER_ONLY);
}

/**
 * The page of a run. Its Content Security Policy allows only its own script and style: it loads nothing, sends nothing and
 * runs no other script.
 */
export async function pageOf(run: RunRecord): Promise<string> {
  const [drawing, { script, style }] = await Promise.all([drawSvg(run.graph), assets()]);
  const policy = `default-src 'none'; script-src ${hash(script)}; style-src ${hash(style)}; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width">
<title>Run of csv-pipeline</title>
<style>${style}</style>
</head>
<body>
<noscript>This report needs JavaScript. The script is in this file; nothing is loaded.</noscript>
<div id="drawing" hidden>${drawing}</div>
<script type="application/json" id="run">${embeddedJson(run)}</script>
<script>${script}</script>
</body>
</html>
`;
}

/**
 * JSON that is safe in a script element. It has no `<`, which could end the element or start another, and neither of the
 * two line separators that JSON allows and older JavaScript does not.
 */
export function embeddedJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function hash(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

let bundled: Promise<{ readonly script: string; readonly style: string }> | undefined;

/** The page's script and style, bundled once per process. */
function assets(): Promise<{ readonly script: string; readonly style: string }> {
  bundled ??= (async () => {
    const { outputFiles } = await build({
      entryPoints: [join(folder, 'main.ts'), join(folder, 'page.css')],
      outdir: folder,
      write: false,
      bundle: true,
      minify: true,
      format: 'iife',
      target: 'es2023',
      charset: 'utf8',
      legalComments: 'none',
      logLevel: 'silent',
    });
    const text = (extension: string) =>
      outputFiles.find(({ path }) => path.endsWith(extension))?.text.trim() ?? '';
    return { script: text('.js'), style: text('.css') };
  })();
  return bundled;
}

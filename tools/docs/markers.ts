/** Replaces the generated parts of a document, each between `<!-- name -->` and `<!-- /name -->`. */

/**
 * The document with new content for a part.
 * @throws Error if the document has no such part
 */
export function withPart(document: string, name: string, content: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [before, after] = [document.indexOf(begin), document.indexOf(end)];
  if (before === -1 || after < before) throw new Error(`The document has no markers ${begin} and ${end}.`);
  return `${document.slice(0, before)}${begin}\n\n${content}\n\n${document.slice(after)}`;
}

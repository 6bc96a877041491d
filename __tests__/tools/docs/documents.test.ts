import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { uploadEvent } from '../../../asl/upload-event.ts';
import { matchesPattern } from '../../../local/emulator/event-pattern.ts';
import { permissionsDocument } from '../../../tools/docs/permissions.ts';
import { rejectCodesDocument } from '../../../tools/docs/reject-codes.ts';

const root = join(__dirname, '../../..');
const documents = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)];

test.each(documents.filter((name) => name.endsWith('.md')))('every link in %s has a target', (document) => {
  const text = readFileSync(join(root, document), 'utf8');
  const links = [...text.matchAll(/\]\(([^)#]+)(?:#[^)]*)?\)/g)].flatMap(([, link]) =>
    link === undefined ? [] : [link],
  );
  const files = links.filter((link) => !/^https?:/.test(link));
  expect(files.filter((file) => !existsSync(join(root, dirname(document), file)))).toEqual([]);
});

test('every npm script in the documents exists', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const document of documents.filter((name) => name.endsWith('.md'))) {
    const text = readFileSync(join(root, document), 'utf8');
    for (const [, script] of text.matchAll(/npm run ([\w:-]+)/g))
      expect(Object.keys(scripts)).toContain(script);
  }
});

test('docs/reject-codes.md is up to date (update it with npm run docs:codes)', () => {
  expect(readFileSync(join(root, 'docs/reject-codes.md'), 'utf8')).toBe(rejectCodesDocument());
});

test('docs/permissions.md is up to date (update it with npm run docs:permissions)', () => {
  expect(readFileSync(join(root, 'docs/permissions.md'), 'utf8')).toBe(permissionsDocument());
});

test('the event in docs/events.md is as the schema says, and its rule matches it', () => {
  const text = readFileSync(join(root, 'docs/events.md'), 'utf8');
  const [rule, event] = [...text.matchAll(/```json\n([^`]*)```/g)].map(([, json = '']) => JSON.parse(json));
  expect(uploadEvent.parse(event)).toEqual(event);
  expect(matchesPattern(rule, event)).toBe(true);
  expect(matchesPattern({ ...rule, 'detail-type': ['Upload Failed'] }, event)).toBe(false);
});

/** Prints the plan of a load for a person to read. */

import { styleText } from 'node:util';
import { shorten } from '../../functions/core/csv/report-rows.ts';
import { textTable } from '../../report/terminal/table.ts';
import type { PlannedKey } from './first-keys.ts';
import { type DataPlan, type IndexStatus, LISTED } from './plan.ts';

/** A plan, and what it would cost in US dollars. */
export interface PricedPlan extends DataPlan {
  /** URI of the object that the file would be uploaded as. */
  readonly object: string;
  /** Null if nothing would be loaded. */
  readonly cost: { readonly load: number; readonly allRows: number } | null;
}

const TITLES = { add: 'To add', change: 'To change', remove: 'To remove' } as const;

/** The plan as text. */
export function planSummary(plan: PricedPlan): string {
  const sections = [
    styleText('bold', `${plan.file} as ${plan.object}`),
    counts(plan),
    ...notes(plan),
    ...LISTED.map((kind) => keys(TITLES[kind], plan.first[kind], plan.plan[kind])),
    ...plan.warnings.map((warning) => `${styleText('yellow', 'Warning')}  ${warning}`),
    cost(plan),
    plan.outcome === 'would-fail'
      ? `${styleText('red', 'The load would fail')}: ${plan.error}: ${plan.cause}`
      : '',
  ];
  return `${sections.filter((text) => text !== '').join('\n\n')}\n`;
}

function counts({ index, outcome, writes, plan }: PricedPlan): string {
  const { add, change, remove, unchanged, kept, rejected } = plan;
  if (add === null) {
    const all = index === 'none' && outcome !== 'would-fail' ? [`${formatted(writes)} to write`] : [];
    return [...all, `${formatted(rejected)} rejected`].join(', ');
  }
  return [
    `${formatted(add)} to add`,
    `${formatted(change)} to change`,
    `${formatted(remove)} to remove`,
    `${formatted(unchanged)} unchanged`,
    ...(kept === 0 ? [] : [`${formatted(kept)} kept`]),
    `${formatted(rejected)} rejected`,
  ].join(', ');
}

const NOTES: Readonly<Record<IndexStatus, string>> = {
  none: 'The dataset has no index of what it has loaded. Nothing is known of the table, so every row counts as one to write.',
  first: 'No load of this feed has left an index yet: every row is written, and nothing is removed.',
  complete: '',
  unfinished: 'The last load is not complete. Rows that it may have written count as changes.',
  invalid:
    'The table was created again, or the key templates have changed, since the index was written. Every row is written; those whose key it has count as changes.',
  outdated:
    'The dataset was loaded without an index since the index was written. Every row is written; those whose key it has count as changes.',
};

function notes({ index, running, unknown, plan }: PricedPlan): string[] {
  return [
    NOTES[index],
    running === null
      ? ''
      : `The execution ${running} is working on an upload of this feed. What it loads may change the plan.`,
    unknown === null || unknown === 0
      ? ''
      : `Changes to items whose content in the table is not known: ${formatted(unknown)}.`,
    plan.kept === null || plan.kept === 0
      ? ''
      : 'Keys that the feed has in the table and the file lacks are kept.',
  ];
}

function keys(title: string, first: readonly PlannedKey[], count: number | null): string {
  if (first.length === 0) return '';
  const rows = first.map(({ key, line }) => [
    ...(line === null ? [] : [`line ${line}`]),
    ...Object.values(key).map(shortened),
  ]);
  const more = (count ?? 0) - first.length;
  const rest = more === 0 ? '' : `\n… and ${formatted(more)} more`;
  return `${styleText('bold', title)}\n${textTable([], rows)}${rest}`;
}

function shortened(text: string): string {
  const start = shorten(text);
  return start === text ? text : `${start}…`;
}

function cost({ cost: dollars }: PricedPlan): string {
  if (dollars === null) return '';
  const all =
    dollars.load < dollars.allRows ? `; writing every row would cost ${price(dollars.allRows)}` : '';
  return `It would cost about ${price(dollars.load)}${all}, at list prices.`;
}

function price(dollars: number): string {
  return `$${dollars.toPrecision(2)}`;
}

function formatted(count: number | null): string {
  return (count ?? 0).toLocaleString('en');
}

/** The kinds of columns that a dataset can have. A kind is a function in one of these files, and a line here. */

export { binary } from './columns/binary.ts';
export { type BooleanWords, boolean, oneOf } from './columns/choice.ts';
export { list, set } from './columns/collection.ts';
export { CellFault, type Column, type ColumnOptions, type Empty } from './columns/column.ts';
export { custom } from './columns/custom.ts';
export { json } from './columns/json.ts';
export { date, dateTime, month } from './columns/moment.ts';
export { decimal, integer } from './columns/number.ts';
export { pattern } from './columns/pattern.ts';
export { email, text, uuid } from './columns/text.ts';
export { NumberValue, type Storable } from './storable.ts';

import {styleText} from 'node:util';
import Table from 'cli-table3';

type Paint = (text: string) => string;

/** How words are set off; each leaves the text alone where colour is not wanted. */
export type Style = {readonly bold: Paint; readonly dim: Paint; readonly good: Paint; readonly bad: Paint};

export const plainStyle: Style = {bold: same, dim: same, good: same, bad: same};

export const colouredStyle: Style = {
  bold: paint('bold'),
  dim: paint('dim'),
  good: paint('green'),
  bad: paint('red'),
};

/** Whether the terminal wants colour has been decided by whoever chose this style. */
function paint(format: 'bold' | 'dim' | 'green' | 'red'): Paint {
  return text => styleText(format, text, {validateStream: false});
}

function same(text: string): string {
  return text;
}

/** Show what could steer a terminal, or turn text round, as `\u{1b}`. */
export function escapeControls(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, character => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

/** One JSON document, without a character that could steer a terminal. */
export function formatJson(document: unknown, indent = 2): string {
  return JSON.stringify(document, undefined, indent).replaceAll(/[\p{Cf}\p{Zl}\p{Zp}\u007F-\u009F]/gu, character =>
    Array.from({length: character.length}, (_, at) => unit(character.charCodeAt(at))).join(''),
  );
}

function unit(code: number): string {
  return `\\u${code.toString(16).padStart(4, '0')}`;
}

/** A column: its heading, and whether it holds numbers. */
export type Column = {readonly heading: string; readonly isNumber?: boolean};

/** A cell: text to be escaped, or text and how it is painted. */
export type Cell = string | {readonly text: string; readonly paint: Paint};

const noBorders = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '  ',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

/** Aligned columns under their headings, indented by two, no blanks at the ends of lines. */
export function formatTable(columns: readonly Column[], rows: readonly (readonly Cell[])[], style: Style): string {
  const table = new Table({
    chars: noBorders,
    colAligns: columns.map(({isNumber}) => (isNumber ? 'right' : 'left')),
    style: {'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true},
  });
  table.push(columns.map(({heading}) => style.dim(heading)));
  table.push(...rows.map(row => row.map(formatCell)));
  return table
    .toString()
    .split('\n')
    .map(line => line.trimEnd())
    .join('\n');
}

function formatCell(cell: Cell): string {
  return typeof cell === 'string' ? escapeControls(cell) : cell.paint(escapeControls(cell.text));
}

/** `1234567` as `1,234,567`; `-` for what is not known. */
export function formatCount(count: number | null): string {
  return count === null ? '-' : count.toLocaleString('en-US');
}

/** `12 packets`, `1 packet`. */
export function countOf(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}

import {styleText} from 'node:util';

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
export type Cell = string | PaintedCell;

type PaintedCell = {readonly text: string; readonly paint: Paint};

/**
 * Aligned columns under their headings, indented by two, no blanks at the ends of lines. Every character counts as
 * one column wide: names and addresses are plain.
 */
export function formatTable(columns: readonly Column[], rows: readonly (readonly Cell[])[], style: Style): string {
  const heading = columns.map(({heading: text}): PaintedCell => ({text, paint: style.dim}));
  const lines = [heading, ...rows.map(row => row.map(paintedCell))];
  const widths = columns.map((_, at) => lines.reduce((width, line) => Math.max(width, line[at]?.text.length ?? 0), 0));
  return lines
    .map(line => `  ${columns.map((column, at) => align(line[at], widths[at] ?? 0, column)).join('  ')}`.trimEnd())
    .join('\n');
}

function paintedCell(cell: Cell): PaintedCell {
  const {text, paint} = typeof cell === 'string' ? {text: cell, paint: same} : cell;
  return {text: escapeControls(text), paint};
}

function align({text, paint}: PaintedCell = {text: '', paint: same}, width: number, {isNumber}: Column): string {
  const blanks = ' '.repeat(width - text.length);
  return isNumber ? blanks + paint(text) : paint(text) + blanks;
}

/** `1234567` as `1,234,567`; `-` for what is not known. */
export function formatCount(count: number | null): string {
  return count === null ? '-' : String(count).replaceAll(/\B(?=(\d{3})+$)/g, ',');
}

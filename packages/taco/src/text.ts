import {styleText} from 'node:util';

type Paint = (text: string) => string;

/** How words are set off; each leaves the text alone where colour is not wanted. */
export type Style = {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly good: Paint;
  readonly bad: Paint;
  /** Columns of the terminal; undefined: as wide as it gets. */
  readonly width?: number | undefined;
};

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

/** A column: its heading, and whether it holds numbers. Of those that may go, the last goes first where room is short. */
export type Column = {readonly heading: string; readonly isNumber?: boolean; readonly mayGo?: boolean};

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
  const shown = fitting(columns, widths, style.width);
  return lines
    .map(line => `  ${shown.map(at => align(line[at], widths[at] ?? 0, columns[at])).join('  ')}`.trimEnd())
    .join('\n');
}

/** @returns places of the columns that are shown: all, or as many as fit, and those that must stay */
function fitting(columns: readonly Column[], widths: readonly number[], width = Number.POSITIVE_INFINITY): number[] {
  let shown = columns.map((_, at) => at);
  const room = (): number => shown.reduce((sum, at) => sum + 2 + (widths[at] ?? 0), 0);
  for (let last = lastToGo(); last !== undefined && room() > width; last = lastToGo()) {
    shown = shown.filter(at => at !== last);
  }

  return shown;

  function lastToGo(): number | undefined {
    return shown.findLast(at => columns[at]?.mayGo);
  }
}

function paintedCell(cell: Cell): PaintedCell {
  const {text, paint} = typeof cell === 'string' ? {text: cell, paint: same} : cell;
  return {text: escapeControls(text), paint};
}

function align(
  {text, paint}: PaintedCell = {text: '', paint: same},
  width: number,
  {isNumber}: Column = {heading: ''},
) {
  const blanks = ' '.repeat(width - text.length);
  return isNumber ? blanks + paint(text) : paint(text) + blanks;
}

/** `1234567` as `1,234,567`; `-` for what is not known. */
export function formatCount(count: number | null): string {
  return count === null ? '-' : String(count).replaceAll(/\B(?=(\d{3})+$)/g, ',');
}

import type {AST} from 'toml-eslint-parser';

export type Path = readonly (string | number)[];

/** Paths of more parts are none that a schema has: remembering all beginnings of one of thousands would take all memory. */
const mostParts = 16;

/**
 * Finds the line of a value in a TOML file.
 *
 * @returns a function from a path, such as `['net_a', 'levips', 0]`, to its line, from 1 on; of a path that is not
 * there, the line of the longest part of it that is
 */
export function locate(program: AST.TOMLProgram): (path: Path) => number {
  const lines = new Map<string, number>([['', 1]]);
  const [top] = program.body;
  for (const node of top.body) {
    if (node.type === 'TOMLTable') {
      remember(lines, node.resolvedKey, node);
      for (const entry of node.body) {
        rememberEntry(lines, node.resolvedKey, entry);
      }
    } else {
      rememberEntry(lines, [], node);
    }
  }

  return path => {
    for (let length = path.length; length > 0; length--) {
      const line = lines.get(keyOf(path.slice(0, length)));
      if (line !== undefined) {
        return line;
      }
    }

    return 1;
  };
}

function rememberEntry(lines: Map<string, number>, parent: Path, entry: AST.TOMLKeyValue): void {
  const path = [...parent, ...entry.key.keys.map(key => (key.type === 'TOMLBare' ? key.name : key.value))];
  remember(lines, path, entry);
  rememberContent(lines, path, entry.value);
}

function rememberContent(lines: Map<string, number>, path: Path, content: AST.TOMLContentNode): void {
  if (content.type === 'TOMLArray') {
    for (const [index, element] of content.elements.entries()) {
      remember(lines, [...path, index], element);
      rememberContent(lines, [...path, index], element);
    }
  } else if (content.type === 'TOMLInlineTable') {
    for (const entry of content.body) {
      rememberEntry(lines, path, entry);
    }
  }
}

function remember(lines: Map<string, number>, path: Path, {loc}: AST.TOMLNode): void {
  for (let length = 1; length <= Math.min(path.length, mostParts); length++) {
    const key = keyOf(path.slice(0, length));
    if (length === path.length || !lines.has(key)) {
      lines.set(key, loc.start.line);
    }
  }
}

function keyOf(path: Path): string {
  return path.join('\0');
}

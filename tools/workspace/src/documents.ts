import {existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {requests, topics} from '@tacoplex/messages';
import type {Project} from './projects.ts';

const begin = '<!-- messages: written by `npm run sync` -->';
const end = '<!-- end of messages -->';

/** The documents that are made from the code: path relative to the root, and content. */
export function writeDocuments(root: string, projects: readonly Project[]): Map<string, string> {
  const architecture = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
  const proto = readFileSync(join(root, 'proto/bus.proto'), 'utf8');
  return new Map([
    ['ARCHITECTURE.md', replaceBetween(architecture, begin, end, messageTable(proto))],
    ...projects
      .filter(({room, folder}) => room === 'process' && existsSync(join(root, folder, 'src/main.ts')))
      .flatMap(({folder}) => {
        const manual = manualPage(readFileSync(join(root, folder, 'src/main.ts'), 'utf8'));
        return manual === undefined ? [] : [[`docs/man/${folder.split('/')[1]}.md`, manual] as const];
      }),
  ]);
}

/** Topic or request, who says it, who hears it, what it means: the last from the comment in the proto file. */
function messageTable(proto: string): string {
  const rows = [
    ...Object.entries(topics).map(([name, {from, to}]) => [
      name,
      from,
      to.join(', '),
      meaningOf(proto, `Topic ${name}`),
    ]),
    ...Object.entries(requests).map(([name, {from, to}]) => [
      name,
      from.join(', '),
      to,
      meaningOf(proto, `Request ${name}`),
    ]),
  ];
  return [
    '| Message | From | To | Meaning |',
    '| --- | --- | --- | --- |',
    ...rows.map(cells => `| ${cells.map((cell, index) => (index === 0 ? `\`${cell}\`` : cell)).join(' | ')} |`),
  ].join('\n');
}

function meaningOf(proto: string, mark: string): string {
  const [comment = ''] = proto.match(new RegExp(`(?://.*\\n)*//.*${mark}\\..*\\n(?://.*\\n)*`)) ?? [];
  const text = comment
    .replaceAll(/^\/\/ ?/gm, '')
    .replaceAll('\n', ' ')
    .trim();
  return text.slice(text.indexOf(`${mark}.`) + mark.length + 1).trim();
}

function manualPage(source: string): string | undefined {
  const [, comment] = /\/\*\*\n([\s\S]*?)\n \*\//.exec(source) ?? [];
  return comment === undefined
    ? undefined
    : `<!-- Written by \`npm run sync\` from the head comment of src/main.ts. -->\n\n\`\`\`\n${comment.replaceAll(/^ \* ?/gm, '')}\n\`\`\`\n`;
}

function replaceBetween(text: string, from: string, to: string, content: string): string {
  const [start, stop] = [text.indexOf(from), text.indexOf(to)];
  return start < 0 || stop < start ? text : `${text.slice(0, start)}${from}\n\n${content}\n\n${text.slice(stop)}`;
}

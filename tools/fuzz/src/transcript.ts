import type {Answer, Difference} from '@tacoplex/xdp-engine';

const rowBytes = 16;

/** What was sent, in rows of 16 bytes, and both answers, field by field; those that differ are marked. */
export function writeTranscript({sent, reference, program}: Difference): string {
  const fields = (Object.keys(reference) as (keyof Answer)[]).filter(field => field !== 'frame');
  const answers = fields.map(
    field =>
      `${reference[field] === program[field] ? ' ' : '*'} ${field.padEnd(8)} ${String(reference[field]).padEnd(24)} ${program[field]}`,
  );
  return [
    `frame of ${sent.length / 2} bytes:`,
    ...writeRows(sent),
    '',
    `  ${''.padEnd(8)} ${'TypeScript'.padEnd(24)} kernel`,
    ...answers,
    ...(reference.frame === program.frame
      ? []
      : ['* frame afterwards, TypeScript:', ...writeRows(reference.frame), '* kernel:', ...writeRows(program.frame)]),
    '',
  ].join('\n');
}

function writeRows(hex: string): string[] {
  const bytes = hex.match(/../g) ?? [];
  return Array.from(
    {length: Math.ceil(bytes.length / rowBytes)},
    (_, row) =>
      `  ${(row * rowBytes).toString(16).padStart(4, '0')}  ${bytes.slice(row * rowBytes, (row + 1) * rowBytes).join(' ')}`,
  );
}

import {createRequire} from 'node:module';
import {basename} from 'node:path';
import {ConfigError} from '@tacoplex/errors';
import {parse, TomlError} from 'smol-toml';
import type * as toml from 'toml-eslint-parser';
import * as z from 'zod';
import {locate, type Path} from './positions.ts';

/** How deep arrays and inline tables may stand in each other; our files need two. Both parsers recurse. */
const deepest = 32;

/**
 * Read a TOML text by a schema. It may begin with a byte order mark.
 *
 * @param file where it was read from
 * @param schema strict objects; each fault says what belongs there
 * @throws ConfigError CONFIG_INVALID that names file, line, fault and what belongs there; the first fault only
 */
export function parseToml<Schema extends z.ZodType>(content: string, file: string, schema: Schema): z.output<Schema> {
  const text = content.replace(/^\uFEFF/, ''); // The parser that remembers takes the mark for a character
  const result = schema.safeParse(read(text, file), {reportInput: true});
  if (!result.success) {
    const {path, message} = explain(result.error.issues[0], schema);
    throw invalid(file, lineOf(text, path), path, message);
  }

  return result.data;
}

function read(text: string, file: string): unknown {
  try {
    return parse(text, {maxDepth: deepest});
  } catch (error) {
    if (!(error instanceof TomlError)) {
      throw error;
    }

    const quickly = firstLineOf(error);
    if (quickly.includes('excessively nested')) {
      throw invalid(file, error.line, [], `brackets and braces must stand at most ${deepest} deep in each other`);
    }

    const {line, message} = describe(text) ?? {line: error.line, message: quickly};
    throw invalid(file, line, [], `no TOML: ${message}`);
  }
}

/** Behind it the library shows the place in the text. */
function firstLineOf({message}: TomlError): string {
  const [line = ''] = message.replace(/^Invalid TOML document: /, '').split('\n');
  return line;
}

/** Where something stands. The parser that remembers takes a third of a process's start: it is loaded for a fault alone. */
function lineOf(text: string, path: Path): number {
  return describe(text)?.line ?? locate(slowParser().parseTOML(text))(path);
}

/** What the parser that remembers finds wrong with a text; undefined if it finds nothing, or brackets deeper than its stack. */
function describe(text: string): {readonly line: number; readonly message: string} | undefined {
  const {parseTOML, ParseError} = slowParser();
  try {
    parseTOML(text);
    return undefined;
  } catch (error) {
    if (error instanceof ParseError) {
      return {line: error.lineNumber, message: error.message};
    }

    if (error instanceof RangeError) {
      return undefined;
    }

    throw error;
  }
}

function slowParser(): typeof toml {
  return createRequire(import.meta.url)('toml-eslint-parser') as typeof toml;
}

function explain(issue: z.core.$ZodIssue | undefined, schema: z.ZodType): {path: Path; message: string} {
  const path = (issue?.path ?? []) as Path;
  if (issue?.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    return {path: [...path, key], message: `unknown key; known here: ${knownKeys(path, schema).join(', ')}`};
  }

  if (issue?.code === 'invalid_type' && issue.input === undefined) {
    return {path, message: `missing; ${issue.message}`};
  }

  return {path, message: issue?.message ?? 'invalid'};
}

function invalid(file: string, line: number, path: Path, message: string): ConfigError {
  const place = path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : `${text}${text === '' ? '' : '.'}${part}`),
    '',
  );
  const where = place === '' ? '' : ` ${place}:`;
  return new ConfigError(`${basename(file)}:${line}:${where} ${message}`, {
    code: 'CONFIG_INVALID',
    file,
    line,
    path: place,
  });
}

/** The keys that a section may have; of the path `[]`, the sections. */
function knownKeys(path: Path, schema: z.core.$ZodType): string[] {
  const section = path.reduce<z.core.$ZodType | undefined>(partOf, schema);
  return Object.keys(shapeOf(section));
}

function partOf(schema: z.core.$ZodType | undefined, part: string | number): z.core.$ZodType | undefined {
  const inner = unwrap(schema);
  return inner instanceof z.ZodArray ? inner.element : shapeOf(inner)[part];
}

function shapeOf(schema: z.core.$ZodType | undefined): Readonly<Record<string, z.core.$ZodType>> {
  const inner = unwrap(schema);
  return inner instanceof z.ZodObject ? inner.shape : {};
}

function unwrap(schema: z.core.$ZodType | undefined): z.core.$ZodType | undefined {
  return schema instanceof z.ZodPrefault || schema instanceof z.ZodDefault ? schema.unwrap() : schema;
}

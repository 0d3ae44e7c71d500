import * as z from 'zod';
import {schemas} from './schemas.ts';

/** The JSON schema of every document that taco prints: file name and content. */
export function schemaFiles(): Map<string, string> {
  return new Map(
    Object.entries(schemas).map(([name, schema]) => {
      const {$schema, ...rest} = z.toJSONSchema(schema);
      const document = {$schema, $comment: 'Written by packages/taco/src/write-schemas.ts; do not edit.', ...rest};
      return [`${name}.json`, `${JSON.stringify(document, undefined, 2)}\n`];
    }),
  );
}

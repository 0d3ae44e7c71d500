import {createRequire} from 'node:module';

/** An `import` of a CommonJS package has Node read all of it once more, for its names: three times as long as this takes. */
export const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');

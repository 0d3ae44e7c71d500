/**
 * bundle - put what each program of a leveler loads into a few files, from which it starts.
 *
 * usage: bundle
 *
 * Reads  what was compiled: packages/NAME/dist/src, and the kernel half in packages/xdp-engine/dist/bpf
 * Writes packages/NAME/dist/bundle for each program, and packages/frame-forwarder/dist/bpf
 * Exits  0 done; 1 something is missing, and it says what
 */
import {resolve} from 'node:path';
import {bundle, copyObject} from './bundle.ts';
import {programs} from './programs.ts';

const root = resolve(import.meta.dirname, '../../../..');
await Promise.all(programs.map(async program => bundle(root, program)));
copyObject(resolve(root, 'packages/xdp-engine/dist/bpf/forwarder.bpf.o'), 'frame-forwarder', root);

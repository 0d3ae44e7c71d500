import {fileURLToPath} from 'node:url';

/** What `tools/build-bpf.sh` makes of `packages/frame-forwarder/bpf`. */
const fileOf = (name: string): string => fileURLToPath(new URL(`../bpf/${name}.bpf.o`, import.meta.url));

/** Programs `forward` and `explain`. */
export const forwarderFile = fileOf('forwarder');

/** Program `limit`: what the data path is measured against. */
export const limitFile = fileOf('limit');

import {stageCluster} from '../src/index.ts';

/** The laboratory of all tests that want two levelers and two servers: it takes as long to build as many of them to run. */
export const lab = stageCluster({name: 'e2e-two', levelers: 2, servers: 2, dwellS: 0, engine: 'xdp'});

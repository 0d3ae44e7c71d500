import {declareFaults, declareRows, stageRows} from '../src/index.ts';

const stage = stageRows({name: 'e2e-three', engine: 'xdp'});
declareFaults('xdp', () => stage().lab);
declareRows(stage, 'three levelers');

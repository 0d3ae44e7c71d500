import {declareRows, stageRows} from '../src/index.ts';

declareRows(stageRows({name: 'e2e-clock', hasClock: true}), 'three levelers', {needsClock: true});

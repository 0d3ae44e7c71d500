import {declareRows, stageRows} from '../src/index.ts';

const crew = 'two levelers and a witness';
declareRows(stageRows({name: 'e2e-witness', crew}), crew);

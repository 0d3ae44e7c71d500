import {declareRows} from '../src/index.ts';

declareRows('e2e-rows-pair', [15], 'two levelers');

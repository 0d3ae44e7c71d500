import {declareRows} from '../src/index.ts';

declareRows('e2e-rows-nets', [13, 14, 15, 16, 17, 18, 20, 21]);

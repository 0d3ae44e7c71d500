import {declareRows} from '../src/index.ts';

declareRows('e2e-rows-crashes', [1, 2, 5, 6, 7, 8, 9]);

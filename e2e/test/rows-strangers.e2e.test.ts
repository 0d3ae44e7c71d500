import {declareRows} from '../src/index.ts';

declareRows('e2e-rows-strange', [26, 27, 28, 29, 30, 31]);

import {declareRows} from '../src/index.ts';

declareRows('e2e-rows-clock', [24]);

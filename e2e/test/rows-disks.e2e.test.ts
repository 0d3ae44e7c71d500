import {declareRows} from '../src/index.ts';

declareRows('e2e-rows-disks', [32, 35, 36, 38, 39]);

import {declareRows} from '../src/index.ts';

declareRows('e2e-rows-disks', [35, 36, 39]);

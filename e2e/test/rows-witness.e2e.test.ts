import {declareRows} from '../src/index.ts';

declareRows('e2e-rows-witness', [15], 'two levelers and a witness');

import {declareLayout} from '../src/index.ts';

declareLayout('classic', 'cap');

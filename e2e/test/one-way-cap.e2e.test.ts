import {declareLayout} from '../src/index.ts';

declareLayout('one-way', 'cap');

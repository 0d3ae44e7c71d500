export {type Findings, simulate, type Wish} from './simulate.ts';

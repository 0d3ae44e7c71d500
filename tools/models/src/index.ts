export {type Findings, isInOrder, runModels} from './run-models.ts';

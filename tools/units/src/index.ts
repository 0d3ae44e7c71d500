export {writeFiles} from './files.ts';
export {commandOf, logOf, places} from './places.ts';
export {type AddressFamily, type Capability, type ProcessUnit, priorityOf, processUnits} from './table.ts';

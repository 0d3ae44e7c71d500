export {findHolder, untilWhole} from '@tacoplex/faults';
export {statusWith} from '@tacoplex/lab';
export * from './faults.ts';
export * from './http.ts';
export * from './layouts.ts';
export * from './rows.ts';
export * from './stage.ts';

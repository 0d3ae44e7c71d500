export {findHolder, statusWith, untilWhole} from '@tacoplex/faults';
export * from './faults.ts';
export * from './http.ts';
export * from './layouts.ts';
export * from './rows.ts';
export * from './stage.ts';

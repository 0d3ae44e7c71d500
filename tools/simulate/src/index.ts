export {Simulation} from '@tacoplex/simulation';

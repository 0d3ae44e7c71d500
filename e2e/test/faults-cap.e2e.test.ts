import {declareFaults} from '../src/index.ts';

declareFaults('cap');

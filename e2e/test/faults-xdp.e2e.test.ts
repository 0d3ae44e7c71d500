import {declareFaults} from '../src/index.ts';

declareFaults('xdp');

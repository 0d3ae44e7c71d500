import {declareFaults, stageCluster} from '../src/index.ts';

declareFaults('cap', stageCluster({name: 'e2e-faults-cap', levelers: 3, servers: 3, dwellS: 0, engine: 'cap'}));

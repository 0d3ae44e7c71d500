/** Imported by a frame-forwarder before all else: its engine takes long to load. */
import {register} from 'node:module';

register('./late-engine-hook.js', import.meta.url);

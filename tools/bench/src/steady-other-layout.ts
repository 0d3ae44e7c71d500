/** Imported by a process before all else: makes it one of another version, whose maps have another layout. */
import {register} from 'node:module';

register('./steady-other-layout-hook.js', import.meta.url);

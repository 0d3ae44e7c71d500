import {setFlagsFromString} from 'node:v8';
import type {Clock} from '@tacoplex/clock';

/** As V8 has it unless told otherwise: the largest function that it optimises. */
const optimisedBytes = 61_440;

/**
 * Bytes of bytecode that a function runs before V8 thinks of optimising it; 132 KiB by default.
 *
 * - often: by then what runs at each beat has run for some seconds
 * - seldom: only what runs a lot, such as a frame loop
 */
const budgetBytes = {often: 5_000, seldom: 200_000_000} as const;

const restMs = 3000;

/** How often a process runs the same code while nobody asks anything of it. */
export type Pace = keyof typeof budgetBytes;

/**
 * Has V8 optimise what is worth it. Processes are started with `--max-optimized-bytecode-size=0`, which switches the optimiser off while they
 * are loaded; this switches it on. Using it at all costs 4 MiB of memory: a process that is woken a few times a second gains nothing by
 * it, since its caches are cold each time; one that is woken a hundred times a second takes four tenths less of the processor.
 *
 * V8 knows the budget up to version 11, which is Node 20's; later ones count otherwise and are left as they are.
 */
export class Optimiser {
  readonly #clock: Clock;
  readonly #setFlag: (flag: string) => void;
  #untilMs = 0;
  #isResting = false;

  constructor(pace: Pace, clock: Clock, setFlag = setFlagsFromString) {
    this.#clock = clock;
    this.#setFlag = setFlag;
    this.#work();
    const [major = '0'] = process.versions.v8.split('.');
    if (Number(major) <= 11) {
      setFlag(`--interrupt-budget=${budgetBytes[pace]}`);
    }
  }

  /**
   * Optimise nothing until three seconds have passed without a call: something has happened that happens seldom, and is waited for. What
   * it runs has hardly run before, and what was optimised without it is thrown away; on one processor, compiling all that anew has
   * taken two thirds of a failover's 50 ms.
   */
  rest(): void {
    this.#untilMs = this.#clock.now() + restMs;
    if (!this.#isResting) {
      this.#isResting = true;
      this.#setFlag('--max-optimized-bytecode-size=0');
      this.#wait();
    }
  }

  #wait(): void {
    const leftMs = this.#untilMs - this.#clock.now();
    if (leftMs > 0) {
      this.#clock.after(leftMs, () => this.#wait());
    } else {
      this.#isResting = false;
      this.#work();
    }
  }

  #work(): void {
    this.#setFlag(`--max-optimized-bytecode-size=${optimisedBytes}`);
  }
}

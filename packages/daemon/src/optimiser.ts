import {setFlagsFromString} from 'node:v8';
import {runInNewContext} from 'node:vm';
import type {Clock} from '@tacoplex/clock';

/** As V8 has it unless told otherwise: the largest function that it optimises. */
const optimisedBytes = 61_440;

/**
 * Bytes of bytecode that a function runs before V8 thinks of optimising it; 66 KiB by default.
 *
 * - often: by then what runs at each beat has run for some seconds
 * - seldom: only what runs a lot, such as a frame loop
 */
const budgetBytes = {often: 5_000, seldom: 200_000_000} as const;

const restMs = 3000;

/** What is worth it has run often enough by then; the rest would cost memory, and time when it is compiled, and gain little. */
const workMs = 30_000;

/** How often a function has used up its budget before it is optimised, and how small one is that need not wait for that. */
type Ticks = {readonly count: number; readonly smallBytes: number};

/** `working` is as V8 has it unless told otherwise. */
const ticks = {
  working: {count: 3, smallBytes: 81},
  resting: {count: 1_000_000, smallBytes: 0},
} as const satisfies Record<string, Ticks>;

/** How often a process runs the same code while nobody asks anything of it. */
export type Pace = keyof typeof budgetBytes;

/**
 * Has V8 optimise what is worth it. Processes are started with `--max-optimized-bytecode-size=0`, which switches the optimiser off while they
 * are loaded; this switches it on. Using it at all costs 4 MiB of memory: a process that is woken a few times a second gains nothing by
 * it, since its caches are cold each time; one that is woken a hundred times a second takes four tenths less of the processor.
 *
 * V8 knows the budget up to version 11, which is Node 20's; later ones count otherwise, are left as they are, and do not rest.
 */
export class Optimiser {
  readonly #clock: Clock;
  readonly #setFlag: (flag: string) => void;
  readonly #collect: () => void;
  readonly #canRest: boolean;
  #calmFromMs = 0;
  #isResting = false;
  #cancelTimer = (): void => {};

  constructor(
    pace: Pace,
    clock: Clock,
    {setFlag = setFlagsFromString, collect = collectGarbage, v8 = process.versions.v8} = {},
  ) {
    this.#clock = clock;
    this.#setFlag = setFlag;
    this.#collect = collect;
    const [major = '0'] = v8.split('.');
    this.#canRest = Number(major) <= 11;
    setFlag(`--max-optimized-bytecode-size=${optimisedBytes}`);
    if (this.#canRest) {
      setFlag(`--interrupt-budget=${budgetBytes[pace]}`);
    }
  }

  /**
   * Optimise nothing until three seconds have passed without a call: something has happened that happens seldom, and is waited for. What
   * it runs has hardly run before, and what was optimised without it is thrown away; on one processor, compiling all that anew has
   * taken two thirds of a failover's 50 ms. V8 goes on counting meanwhile, and for half a minute after it optimises what has run often
   * enough.
   */
  rest(): void {
    this.#calmFromMs = this.#clock.now() + restMs;
    if (this.#canRest && !this.#isResting) {
      this.#isResting = true;
      this.#cancelTimer();
      this.#optimiseAfter(ticks.resting);
      this.#wait();
    }
  }

  #wait(): void {
    const leftMs = this.#calmFromMs - this.#clock.now();
    if (leftMs > 0) {
      this.#cancelTimer = this.#clock.after(leftMs, () => this.#wait());
    } else {
      this.#isResting = false;
      this.#optimiseAfter(ticks.working);
      this.#cancelTimer = this.#clock.after(workMs, () => {
        this.#optimiseAfter(ticks.resting);
        this.#collect();
      });
    }
  }

  #optimiseAfter({count, smallBytes}: Ticks): void {
    this.#setFlag(`--ticks-before-optimization=${count}`);
    this.#setFlag(`--max-bytecode-size-for-early-opt=${smallBytes}`);
  }
}

/** Takes some 15 ms, and gives back what starting and optimising have left: V8 by itself waits until it needs the room. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
}

// Native addons load once per process and ZeroMQ contexts outlive tests: every test file gets a process of its own.

/** These take longest: begun first, they do not keep one processor busy at the end while the other has nothing to do. */
const longest = [
  'tools/models/dist/test/models.test.js',
  'packages/taco/dist/test/taco.test.js',
  'packages/simulation/dist/test/run-seed.test.js',
  'packages/taco/dist/test/explain.test.js',
  'packages/announcing/dist/test/simulation.test.js',
  'e2e/dist/test/three-levelers.e2e.test.js',
  'e2e/dist/test/two-levelers.e2e.test.js',
];

/** 0 for the longest. */
const rankOf = path => {
  const rank = longest.findIndex(file => path.endsWith(file));
  return rank === -1 ? longest.length : rank;
};

export default {
  files: ['packages/*/dist/test/**/*.test.js', 'tools/*/dist/test/**/*.test.js', 'e2e/dist/**/*.test.js'],
  require: ['./tools/test-runner/dist/src/report-life.js'],
  workerThreads: false,
  nodeArguments: ['--enable-source-maps'],
  concurrency: 2,
  sortTestFiles: (one, other) => rankOf(one) - rankOf(other) || one.localeCompare(other),
  // Without a word of any test: it only ends what would hang, also on a machine that is slow and busy.
  timeout: '10m',
};

// Native addons load once per process and ZeroMQ contexts outlive tests: every test file gets a process of its own.
export default {
  files: ['packages/*/dist/test/**/*.test.js', 'tools/*/dist/test/**/*.test.js', 'e2e/dist/**/*.test.js'],
  require: ['./tools/test-runner/dist/src/report-life.js'],
  workerThreads: false,
  nodeArguments: ['--enable-source-maps'],
  concurrency: 2,
  timeout: '2m',
};

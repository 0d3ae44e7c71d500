import {chmodSync, mkdtempSync, rmSync} from 'node:fs';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import test from 'ava';
import {openAdmin} from '../src/admin.ts';
import {Refusal} from '../src/refusals.ts';

const asNobody = process.getuid?.() === 0 ? test.serial : test.serial.skip; // Becoming another user needs root
const nobody = 65_534;

asNobody('who may not open the socket is told which group to join', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'taco-admin-'));
  const socket = join(folder, 'admin-broker.sock');
  const server = createServer().listen(socket);
  await new Promise(resolve => server.once('listening', resolve));
  chmodSync(folder, 0o700);
  process.seteuid?.(nobody);
  t.teardown(() => {
    process.seteuid?.(0);
    server.close();
    rmSync(folder, {recursive: true});
  });

  const error = await t.throwsAsync(openAdmin(socket), {instanceOf: Refusal, message: `nobody may not open ${socket}`});

  t.regex(
    (error as Refusal).facts.advice,
    /^join the group tacoplex and log in again: sudo usermod -aG tacoplex nobody/,
  );
});

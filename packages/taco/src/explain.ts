import {readFileSync} from 'node:fs';
import {buildFlow, CaptureError, type FrameBytes, readCapture} from '@tacoplex/explaining';
import {describeExplained} from './explain-document.ts';
import {ExplainTally} from './explain-tally.ts';
import {parseWanted, type Wanted} from './explain-words.ts';
import {captureHeading, captureLine, printFlow} from './print-explain.ts';
import {askLeveler, type Reasoner, reasonFromFile} from './reasoner.ts';
import {Misunderstanding} from './refusals.ts';
import {type FileState, readStateFile} from './state-file.ts';
import {formatJson} from './text.ts';
import type {Failed, Given, Shown, World} from './verb.ts';

/** At once; the broker takes 1,024 frames of 4 MiB. */
const batchFrames = 512;
const batchBytes = 1_048_576;

/** `taco explain`: where a flow, or each frame of a capture, goes and why. */
export async function explain(world: World, given: Given): Promise<Shown | Failed | undefined> {
  const {what, stateFile} = parseWanted(given);
  const state = stateFile === undefined ? undefined : readStateFile(stateFile);
  if (state?.isExampleKey === true) {
    world.writeNote(
      `${stateFile} has no hash_key: keys are hashed with 000102030405060708090a0b0c0d0e0f, so bins are not those of a cluster`,
    );
  }

  const capture = 'capture' in what ? readFile(what.capture) : undefined;
  const reasoner = await openReasoner(world, what, state);
  return 'flow' in what
    ? await explainFlow(world, reasoner, what.flow)
    : await explainCapture(world, reasoner, what.capture, capture ?? new Uint8Array());
}

async function openReasoner(world: World, what: Wanted['what'], state: FileState | undefined): Promise<Reasoner> {
  const ourMac = 'capture' in what ? what.ourMac : undefined;
  return state === undefined ? askLeveler(await world.admin(), ourMac, world.writeNote) : reasonFromFile(state, ourMac);
}

function readFile(file: string): Uint8Array {
  try {
    return readFileSync(file === '-' ? 0 : file);
  } catch (error) {
    throw new Misunderstanding(
      `${file} cannot be read: ${(error as Error).message}`,
      'taco explain --pcap FILE reads a capture, such as tcpdump -w FILE makes',
    );
  }
}

async function explainFlow(
  world: World,
  reasoner: Reasoner,
  flow: Parameters<typeof buildFlow>[0],
): Promise<Shown | Failed | undefined> {
  const frame = buildFlow(flow);
  const batch = await reasoner([frame]);
  const [reasoned] = batch.frames;
  if (reasoned === undefined) {
    return undefined;
  }

  const document = describeExplained(1, frame, reasoned, batch);
  world.writeLine(world.isJson ? formatJson(document, 0) : printFlow(flow, reasoned, batch));
  return new ExplainTally().add(document).finish(world.writeNote);
}

/** Each frame is told as soon as it is known; what is wrong with the file, when all before that was told. */
async function explainCapture(
  world: World,
  reasoner: Reasoner,
  file: string,
  bytes: Uint8Array,
): Promise<Failed | undefined> {
  const tally = new ExplainTally();
  try {
    for (const frames of batchesOf(readCapture(bytes))) {
      const batch = await reasoner(frames);
      tally.addBatch(batch);
      for (const [index, reasoned] of batch.frames.entries()) {
        const document = describeExplained(tally.frames + 1, frames[index] as FrameBytes, reasoned, batch);
        if (!world.isJson && tally.frames === 0) {
          world.writeLine(captureHeading);
        }

        tally.add(document);
        world.writeLine(world.isJson ? formatJson(document, 0) : captureLine(document));
      }
    }
  } catch (error) {
    tally.finish(world.writeNote);
    throw error instanceof CaptureError ? new Misunderstanding(`${file}: ${error.message}`, error.facts.advice) : error;
  }

  if (!world.isJson) {
    world.writeLine(tally.print());
  }

  return tally.finish(world.writeNote);
}

/** Whatever ends the frames, those before are given out first. */
function* batchesOf(frames: Iterable<FrameBytes>): Generator<FrameBytes[]> {
  let batch: FrameBytes[] = [];
  let bytes = 0;
  try {
    for (const frame of frames) {
      if (batch.length === batchFrames || (batch.length > 0 && bytes + frame.length > batchBytes)) {
        yield batch;
        batch = [];
        bytes = 0;
      }

      batch.push(frame);
      bytes += frame.length;
    }
  } catch (error) {
    if (batch.length > 0) {
      yield batch;
    }

    throw error;
  }

  if (batch.length > 0) {
    yield batch;
  }
}

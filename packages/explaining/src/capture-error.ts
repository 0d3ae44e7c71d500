import {TacoplexError} from '@tacoplex/errors';

/** A file is no capture of Ethernet frames, or ends or lies in the middle. */
export class CaptureError extends TacoplexError<{readonly code: 'CAPTURE_UNREADABLE'; readonly advice: string}> {
  /** @param advice what to do about it; may be empty */
  constructor(message: string, advice = '') {
    super(message, {code: 'CAPTURE_UNREADABLE', advice});
  }
}

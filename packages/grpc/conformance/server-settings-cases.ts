import {
  Flag,
  FrameType,
  frame,
  SettingId,
  settings,
  uint32,
  windowUpdate,
} from "../testing/frames.ts";
import { request } from "../testing/messages.ts";
import {
  connectionError,
  dataOfLength,
  emptyResponse,
  pingAck,
  settingsAcknowledged,
} from "../testing/script.ts";
import type { ServerCase } from "./server-case.ts";

const ONE_SETTING = Buffer.concat([Buffer.of(0, SettingId.MAX_CONCURRENT_STREAMS), uint32(100)]);

/** Section 6.5: SETTINGS. */
export const serverSettingsCases: readonly ServerCase[] = [
  {
    id: "http2/6.5/1",
    must: "refuses an acknowledgement with a payload",
    steps: [
      frame(FrameType.SETTINGS, Flag.ACK, 0, Buffer.of(0)),
      connectionError("FRAME_SIZE_ERROR"),
    ],
  },
  {
    id: "http2/6.5/2",
    must: "refuses SETTINGS on a stream",
    steps: [frame(FrameType.SETTINGS, 0, 1, ONE_SETTING), connectionError("PROTOCOL_ERROR")],
  },
  {
    // The list takes PROTOCOL_ERROR as well; the RFC, section 6.5, does not.
    id: "http2/6.5/3",
    must: "refuses SETTINGS with a length that is not a multiple of six",
    steps: [
      frame(FrameType.SETTINGS, 0, 0, ONE_SETTING.subarray(0, 3)),
      connectionError("FRAME_SIZE_ERROR"),
    ],
  },
  {
    id: "http2/6.5.2/1",
    must: "refuses SETTINGS_ENABLE_PUSH other than 0 and 1",
    steps: [settings([SettingId.ENABLE_PUSH, 2]), connectionError("PROTOCOL_ERROR")],
  },
  {
    id: "http2/6.5.2/2",
    must: "refuses SETTINGS_INITIAL_WINDOW_SIZE above 2^31-1",
    steps: [
      settings([SettingId.INITIAL_WINDOW_SIZE, 2 ** 31]),
      connectionError("FLOW_CONTROL_ERROR"),
    ],
  },
  {
    id: "http2/6.5.2/3",
    must: "refuses SETTINGS_MAX_FRAME_SIZE below 2^14",
    steps: [settings([SettingId.MAX_FRAME_SIZE, 2 ** 14 - 1]), connectionError("PROTOCOL_ERROR")],
  },
  {
    id: "http2/6.5.2/4",
    must: "refuses SETTINGS_MAX_FRAME_SIZE above 2^24-1",
    steps: [settings([SettingId.MAX_FRAME_SIZE, 2 ** 24]), connectionError("PROTOCOL_ERROR")],
  },
  {
    id: "http2/6.5.2/5",
    must: "ignores an unknown setting",
    steps: [settings([0xff, 1]), settingsAcknowledged, pingAck],
  },
  {
    id: "http2/6.5.3/1",
    must: "takes the last of two values of one setting",
    steps: [
      settings([SettingId.INITIAL_WINDOW_SIZE, 100], [SettingId.INITIAL_WINDOW_SIZE, 1]),
      settingsAcknowledged,
      request(1),
      dataOfLength(1, 1),
      windowUpdate(1, 100),
      emptyResponse(1),
    ],
  },
  {
    id: "http2/6.5.3/2",
    must: "acknowledges SETTINGS",
    steps: [settings([SettingId.ENABLE_PUSH, 0]), settingsAcknowledged],
  },
];

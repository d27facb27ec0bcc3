import { FrameType, frame, SettingId, settings, windowUpdate } from "../testing/frames.ts";
import { openRequest, request } from "../testing/messages.ts";
import {
  connectionError,
  dataOfLength,
  emptyResponse,
  settingsAcknowledged,
  streamError,
  streamErrorOnly,
} from "../testing/script.ts";
import type { ServerCase } from "./server-case.ts";

const LARGEST = 2 ** 31 - 1;

/** Section 6.9: WINDOW_UPDATE and flow control. */
export const serverFlowCases: readonly ServerCase[] = [
  {
    id: "http2/6.9/1",
    must: "refuses WINDOW_UPDATE of the connection by 0",
    steps: [windowUpdate(0, 0), connectionError("PROTOCOL_ERROR")],
  },
  {
    id: "http2/6.9/2",
    must: "refuses WINDOW_UPDATE of a stream by 0",
    steps: [openRequest(1), windowUpdate(1, 0), streamError(1, "PROTOCOL_ERROR")],
  },
  {
    id: "http2/6.9/3",
    must: "refuses WINDOW_UPDATE with a length other than four",
    steps: [
      frame(FrameType.WINDOW_UPDATE, 0, 0, Buffer.of(0, 0, 1)),
      connectionError("FRAME_SIZE_ERROR"),
    ],
  },
  {
    id: "http2/6.9.1/1",
    must: "sends no more than the initial window of one byte",
    steps: [...window(1), request(1), dataOfLength(1, 1), windowUpdate(1, 100), emptyResponse(1)],
  },
  {
    id: "http2/6.9.1/2",
    must: "refuses a window of the connection above 2^31-1",
    steps: [
      windowUpdate(0, LARGEST),
      windowUpdate(0, LARGEST),
      connectionError("FLOW_CONTROL_ERROR"),
    ],
  },
  {
    id: "http2/6.9.1/3",
    must: "resets a stream whose window gets above 2^31-1",
    steps: [
      openRequest(1),
      windowUpdate(1, LARGEST),
      windowUpdate(1, LARGEST),
      streamErrorOnly(1, "FLOW_CONTROL_ERROR"),
    ],
  },
  {
    id: "http2/6.9.2/1",
    must: "goes on with its answer when a new initial window opens that of the stream",
    steps: [
      ...window(0),
      request(1),
      dataOfLength(1, 0),
      ...window(1),
      dataOfLength(1, 1),
      windowUpdate(1, 100),
      emptyResponse(1),
    ],
  },
  {
    id: "http2/6.9.2/2",
    must: "reckons with a negative window",
    steps: [
      ...window(3),
      request(1),
      dataOfLength(1, 3),
      ...window(2),
      windowUpdate(1, 2),
      dataOfLength(1, 1),
      windowUpdate(1, 100),
      emptyResponse(1),
    ],
  },
  {
    id: "http2/6.9.2/3",
    must: "refuses an initial window above 2^31-1",
    steps: [
      settings([SettingId.INITIAL_WINDOW_SIZE, 2 ** 31]),
      connectionError("FLOW_CONTROL_ERROR"),
    ],
  },
];

function window(bytes: number) {
  return [settings([SettingId.INITIAL_WINDOW_SIZE, bytes]), settingsAcknowledged] as const;
}

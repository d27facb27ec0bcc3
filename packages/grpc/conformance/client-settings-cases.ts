import assert from "node:assert/strict";
import { Flag, FrameType, frame, SettingId, settings } from "../testing/frames.ts";
import { wholeResponse } from "../testing/messages.ts";
import type { RawPeer } from "../testing/peer.ts";
import { settingsAcknowledged } from "../testing/script.ts";
import { type ClientCase, connectionErrorCase, twoCalls } from "./client-case.ts";

const ONE_SETTING = settings([SettingId.MAX_CONCURRENT_STREAMS, 100]).subarray(9);

/** Section 6.5: SETTINGS. */
export const clientSettingsCases: readonly ClientCase[] = [
  connectionErrorCase("6.5/1", "an acknowledgement with a payload", "FRAME_SIZE_ERROR", [
    frame(FrameType.SETTINGS, Flag.ACK, 0, Buffer.of(0)),
  ]),
  connectionErrorCase("6.5/2", "SETTINGS on a stream", "PROTOCOL_ERROR", [
    frame(FrameType.SETTINGS, 0, 1, ONE_SETTING),
  ]),
  connectionErrorCase(
    "6.5/3",
    "SETTINGS with a length that is not a multiple of six",
    "FRAME_SIZE_ERROR",
    [frame(FrameType.SETTINGS, 0, 0, ONE_SETTING.subarray(0, 3))],
  ),
  {
    id: "client/6.5.2/1",
    must: "disables push",
    steps: [
      async (peer) => assert.equal(peer.settings.get(SettingId.ENABLE_PUSH), 0),
      wholeResponse(1),
    ],
    outcome: "succeeds",
  },
  connectionErrorCase("6.5.2/2", "a server that enables push", "PROTOCOL_ERROR", [
    settings([SettingId.ENABLE_PUSH, 1]),
  ]),
  connectionErrorCase("6.5.2/3", "SETTINGS_ENABLE_PUSH other than 0 and 1", "PROTOCOL_ERROR", [
    settings([SettingId.ENABLE_PUSH, 2]),
  ]),
  connectionErrorCase(
    "6.5.2/4",
    "SETTINGS_INITIAL_WINDOW_SIZE above 2^31-1",
    "FLOW_CONTROL_ERROR",
    [settings([SettingId.INITIAL_WINDOW_SIZE, 2 ** 31])],
  ),
  connectionErrorCase("6.5.2/5", "SETTINGS_MAX_FRAME_SIZE below 2^14", "PROTOCOL_ERROR", [
    settings([SettingId.MAX_FRAME_SIZE, 2 ** 14 - 1]),
  ]),
  connectionErrorCase("6.5.2/6", "SETTINGS_MAX_FRAME_SIZE above 2^24-1", "PROTOCOL_ERROR", [
    settings([SettingId.MAX_FRAME_SIZE, 2 ** 24]),
  ]),
  {
    id: "client/6.5.2/7",
    must: "ignores an unknown setting",
    steps: [settings([0xff, 1]), settingsAcknowledged, wholeResponse(1)],
    outcome: "succeeds",
  },
  {
    id: "client/6.5.2/8",
    must: "takes each defined setting",
    steps: [
      settings(
        [SettingId.HEADER_TABLE_SIZE, 8192],
        [SettingId.ENABLE_PUSH, 0],
        [SettingId.MAX_CONCURRENT_STREAMS, 100],
        [SettingId.INITIAL_WINDOW_SIZE, 65535],
        [SettingId.MAX_FRAME_SIZE, 16384],
        [SettingId.MAX_HEADER_LIST_SIZE, 65536],
      ),
      settingsAcknowledged,
      wholeResponse(1),
    ],
    outcome: "succeeds",
  },
  {
    id: "client/6.5.2/9",
    must: "begins its next header block with a size update when the table must shrink",
    call: twoCalls,
    steps: [
      settings([SettingId.HEADER_TABLE_SIZE, 0]),
      settingsAcknowledged,
      wholeResponse(1),
      tableIsShrunk,
      wholeResponse(3),
    ],
    outcome: "succeeds",
  },
  {
    id: "client/6.5.3/1",
    must: "acknowledges every SETTINGS",
    steps: [
      settings(),
      settings([SettingId.ENABLE_PUSH, 0]),
      settingsAcknowledged,
      settingsAcknowledged,
      wholeResponse(1),
    ],
    outcome: "succeeds",
  },
];

/** RFC 7541, section 4.2: 0x20 at the front of the block is a size update to 0. */
async function tableIsShrunk(peer: RawPeer): Promise<void> {
  const matches = (frame: { type: number; stream: number }) =>
    frame.type === FrameType.HEADERS && frame.stream === 3;
  const { flags, payload } = await peer.takeFrame(matches, "HEADERS on stream 3");
  const padding = (flags & Flag.PADDED) === 0 ? 0 : 1;
  const at = padding + ((flags & Flag.PRIORITY) === 0 ? 0 : 5);
  assert.equal(payload[at], 0x20, "the header block begins with a size update to 0");
}

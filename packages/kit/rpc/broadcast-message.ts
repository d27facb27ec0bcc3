// Marks a message that is sent to many receivers: it is encoded once and the bytes are reused.
export { broadcastMessage as shared } from "@plaza/grpc/calls/encode-once";

// Marks a message that is sent to many receivers: it is encoded once and the bytes are reused.
export { broadcastMessage } from "@plaza/grpc/calls";

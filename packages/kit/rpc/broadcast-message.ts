// By which a service says that a message goes out to many; it is then encoded once for all of them.
export { broadcastMessage as shared } from "@plaza/grpc/calls";

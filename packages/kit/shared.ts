export { shared } from "@plaza/grpc/calls/shared";

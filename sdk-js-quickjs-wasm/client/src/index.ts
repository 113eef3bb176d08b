export { decode, encode } from "./cbor";
export { type Options, ServerlessWorker, type WorkerPort } from "./serverless-worker";

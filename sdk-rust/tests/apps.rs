//! The unit tests of the examples and of the conformance app, as tests of the SDK.
#![allow(dead_code)]

#[path = "../conformance/src/lib.rs"]
mod conformance;

#[path = "../../examples/rust/chat/src/lib.rs"]
mod chat;
#[path = "../../examples/rust/counter/src/lib.rs"]
mod counter;
#[path = "../../examples/rust/pubsub/src/lib.rs"]
mod pubsub;
#[path = "../../examples/rust/rate-limiter/src/lib.rs"]
mod rate_limiter;
#[path = "../../examples/rust/redis-like/src/lib.rs"]
mod redis_like;
#[path = "../../examples/rust/reminder/src/lib.rs"]
mod reminder;
